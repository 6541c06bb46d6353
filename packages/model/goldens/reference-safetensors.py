"""Makes safetensors.bin: a small file written by the reference implementation. Run from this folder:

    pip install numpy==2.4.6 safetensors==0.8.0
    python reference-safetensors.py

With the path of another file as its argument it prints what the reference implementation reads from that one.
"""

import sys

import numpy
from safetensors import safe_open
from safetensors.numpy import save_file

if len(sys.argv) > 1:
    with safe_open(sys.argv[1], "numpy") as file:
        print(file.metadata())
        for name in file.keys():
            tensor = file.get_tensor(name)
            print(name, tensor.dtype, tensor.shape, tensor.tolist())
else:
    tensors = {
        "dense1.weight": numpy.array([[1.5, -2.25, 0.1], [numpy.inf, 1e-40, -0.0]], numpy.float32),
        "dense1.bias": numpy.array([0.1, -1e300, 5e-324]),
        "step": numpy.array(-7, numpy.int32),
        "mask": numpy.array([0, 1, 255], numpy.uint8),
        "empty": numpy.zeros((0, 4), numpy.float32),
        "ñandú \"quoted\"": numpy.array([2.0], numpy.float32),
    }
    save_file(tensors, "safetensors.bin", metadata={"recipe": "moons", "note": "línea\nnueva"})
