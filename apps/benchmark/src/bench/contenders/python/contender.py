"""NumPy and PyTorch as contenders: `contender.py <numpy | torch> <float32 | float64> <threads>`. Speaks protocol.ts."""

import importlib
import json
import struct
import sys
import time


def read_safetensors(path):
    """Arrays of a safetensors file by name: (dtype, shape, bytes)."""
    with open(path, "rb") as file:
        content = memoryview(file.read())
    (length,) = struct.unpack_from("<Q", content)
    header = json.loads(bytes(content[8 : 8 + length]))
    header.pop("__metadata__", None)
    values = content[8 + length :]
    return {
        name: (entry["dtype"], entry["shape"], values[slice(*entry["data_offsets"])])
        for name, entry in header.items()
    }


def main():
    library, dtype, threads = sys.argv[1], sys.argv[2], int(sys.argv[3])
    contender = importlib.import_module(f"{library}_contender")
    workload = None
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if request["do"] == "prepare":
                problem = request["problem"]
                make = {"training": contender.Training, "product": contender.Product}[problem["kind"]]
                workload = make(problem, read_safetensors(problem["file"]), dtype, threads)
                reply = {"version": contender.version}
            elif request["do"] == "check":
                workload.reset()
                with open(request["file"], "wb") as file:
                    for values in workload.check():
                        file.write(values.astype("<f4").tobytes())
                reply = {}
            else:
                seconds = 0
                for _ in range(request["runs"]):
                    workload.reset()
                    # What a reset wrote lies in the cache of one core, and what a pause left is cold.
                    if request["iterations"] > 1:
                        workload.run(1)
                    started = time.perf_counter()
                    workload.run(request["iterations"])
                    seconds += time.perf_counter() - started
                reply = {"durationMs": 1000 * seconds}
        except Exception as error:
            reply = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(reply), flush=True)


main()
