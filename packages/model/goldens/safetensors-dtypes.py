"""Makes safetensors-dtypes.bin, a file of the reference implementation with a tensor of each dtype that @nn/model converts,
and safetensors-dtypes.json, the values that NumPy and ml_dtypes read of it. Run from this folder:

    pip install numpy==2.4.6 safetensors==0.8.0 ml_dtypes==0.6.0
    python safetensors-dtypes.py
"""

import json

import ml_dtypes
import numpy
from safetensors.numpy import save_file

every_byte = numpy.arange(256, dtype=numpy.uint8)
halves = numpy.array(
    [0, -0.0, 1, -1.5, 65504, -65504, 6e-8, 6.1e-5, 1 / 3, numpy.inf, -numpy.inf, numpy.nan], numpy.float16
)

# By the code of the dtype in the format.
arrays = {
    "F16": halves,
    "BF16": numpy.array([0, -0.0, 1, 3.4e38, 1e-40, 1 / 3, numpy.inf, -numpy.inf, numpy.nan]).astype(ml_dtypes.bfloat16),
    "F8_E4M3": every_byte.view(ml_dtypes.float8_e4m3fn),
    "F8_E5M2": every_byte.view(ml_dtypes.float8_e5m2),
    "F8_E8M0": every_byte.view(ml_dtypes.float8_e8m0fnu),
    "F8_E4M3FNUZ": every_byte.view(ml_dtypes.float8_e4m3fnuz),
    "F8_E5M2FNUZ": every_byte.view(ml_dtypes.float8_e5m2fnuz),
    "I8": numpy.array([[-128, -1], [0, 127]], numpy.int8),
    "I16": numpy.array([-32768, -1, 32767], numpy.int16),
    "U16": numpy.array([0, 32768, 65535], numpy.uint16),
    "U32": numpy.array([0, 2**31 - 1], numpy.uint32),
    "I64": numpy.array([-(2**31), -1, 2**31 - 1], numpy.int64),
    "U64": numpy.array([0, 2**31 - 1], numpy.uint64),
    "BOOL": numpy.array([True, False, True]),
}


def number(value):
    value = float(value)
    if numpy.isnan(value):
        return "NaN"
    if numpy.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return "-0" if value == 0 and numpy.signbit(value) else int(value) if value.is_integer() and abs(value) < 2**53 else value


save_file(arrays, "safetensors-dtypes.bin")
with open("safetensors-dtypes.json", "w") as file:
    rows = (
        json.dumps({"dtype": code, "shape": list(array.shape), "data": [number(value) for value in array.astype(numpy.float64).ravel()]})
        for code, array in arrays.items()
    )
    file.write("[\n" + ",\n".join(rows) + "\n]\n")
