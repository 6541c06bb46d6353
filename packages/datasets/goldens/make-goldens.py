"""Makes moons.json, circles.json, blobs.json and splits.json: what NumPy and scikit-learn give, to the last bit of a float64.

Run from this folder, in a virtual environment of Python 3.11 or later:

    pip install numpy==2.4.6 scikit-learn==1.9.1
    python make-goldens.py

Small cases carry every value as 16 hexadecimal digits of its bits; larger ones the SHA-256 of the little-endian bytes.
"""

import hashlib
import json
import struct

import numpy
import sklearn
from sklearn.datasets import make_blobs, make_circles, make_moons
from sklearn.model_selection import train_test_split

VERSIONS = {"numpy": numpy.__version__, "scikit-learn": sklearn.__version__}
SHOWN = 16  # points

MOONS = [
    # samples, noise, seed, shuffle
    (8, None, 0, True),
    (8, None, 0, False),
    (7, None, 3, True),
    (7, 0.1, 3, False),
    (1, 0.5, 1, True),
    (2, 0.2, 2, True),
    (3, 0.0, 5, True),
    ((5, 2), 0.3, 11, True),
    ((0, 4), 0.1, 4, True),
    ((3, 0), None, 4, False),
    (100, None, 0, True),
    (101, 0.05, 123, True),
    (200, 0.2, 0, True),
    (200, 0.2, 42, True),
    (200, 0.2, 42, False),
    (1000, 0.2, 4294967295, True),
    (1001, 1.5, 2147483648, True),
    ((333, 1200), 0.25, 7, True),
]

CIRCLES = [
    # samples, noise, factor, seed, shuffle
    (8, None, 0.8, 0, True),
    (7, None, 0.5, 0, False),
    (7, 0.1, 0.3, 3, True),
    (1, 0.5, 0.8, 1, True),
    (2, 0.0, 0.0, 2, True),
    ((5, 2), 0.3, 0.99, 11, True),
    ((0, 4), 0.1, 0.8, 4, True),
    ((3, 0), None, 0.8, 4, False),
    (100, None, 0.8, 0, True),
    (101, 0.05, 0.1, 123, True),
    (1000, 0.2, 0.5, 4294967295, True),
    (100003, None, 0.7, 0, False),
    ((333, 1200), 0.25, 0.8, 2147483648, True),
]

BLOBS = [
    # samples, options, seed
    (6, {}, 0),
    (7, {"centers": 2, "shuffle": False}, 1),
    (5, {"centers": 7}, 2),
    ([3, 0, 2], {}, 3),
    (4, {"centers": [[0.5, 1.25], [-3, 7]], "cluster_std": [0.1, 2.5]}, 4),
    (8, {"n_features": 1, "center_box": (2, 3)}, 5),
    (9, {"n_features": 3, "cluster_std": 0.0}, 6),
    (100, {}, 0),
    (101, {"centers": 10, "cluster_std": 0.3}, 42),
    (1000, {"n_features": 784, "centers": 10}, 4294967295),
    ([10, 300, 45], {"centers": [[1, 2, 3], [4, 5, 6], [-7, 8, 9]]}, 2147483648),
]

SPLITS = [
    # samples, test_size, seed, shuffle
    (2, 0.5, 0, True),
    (5, 0.25, 0, True),
    (7, 0.3, 1, True),
    (10, 0.2, 42, True),
    (10, 3, 42, True),
    (10, 0.2, 42, False),
    (13, 0.9, 9, False),
    (33, 1, 4294967295, True),
    (100, 0.1, 7, True),
    (150, 0.29, 2147483648, True),
    (200, 0.2, 42, True),
    (1797, 0.33, 5, True),
    (70000, 0.2, 42, True),
    (70000, 10000, 0, False),
]


def bits(values):
    return "".join(struct.pack(">d", value).hex() for value in values)


def digest(array, dtype):
    return hashlib.sha256(numpy.ascontiguousarray(array, dtype=dtype).tobytes()).hexdigest()


def moons(samples, noise, seed, shuffle):
    points, labels = make_moons(samples, noise=noise, random_state=seed, shuffle=shuffle)
    row = {"samples": samples, "noise": noise, "seed": seed, "shuffle": shuffle}
    if len(labels) <= SHOWN:
        row["points"] = bits(points.ravel())
        row["labels"] = labels.tolist()
    row["pointsSha256"] = digest(points, "<f8")
    row["labelsSha256"] = digest(labels, "u1")
    return row


def describe(row, points, labels):
    if points.size <= 2 * SHOWN:
        row["points"] = bits(points.ravel())
        row["labels"] = labels.tolist()
    row["pointsSha256"] = digest(points, "<f8")
    row["labelsSha256"] = digest(labels, "u1")
    return row


def circles(samples, noise, factor, seed, shuffle):
    points, labels = make_circles(samples, noise=noise, factor=factor, random_state=seed, shuffle=shuffle)
    row = {"samples": samples, "noise": noise, "factor": factor, "seed": seed, "shuffle": shuffle}
    return describe(row, points, labels)


def blobs(samples, options, seed):
    points, labels = make_blobs(samples, **options, random_state=seed)
    names = {"n_features": "features", "cluster_std": "standardDeviation", "center_box": "centerBox"}
    row = {"samples": samples, **{names.get(key, key): value for key, value in options.items()}, "seed": seed}
    return describe(row, points, labels)


def split(samples, test_size, seed, shuffle):
    train, test = train_test_split(
        numpy.arange(samples), test_size=test_size, random_state=seed if shuffle else None, shuffle=shuffle
    )
    row = {"samples": samples, "testSize": test_size, "seed": seed, "shuffle": shuffle}
    row["sizes"] = [len(train), len(test)]
    if samples <= 2 * SHOWN:
        row["train"] = train.tolist()
        row["test"] = test.tolist()
    row["trainSha256"] = digest(train, "<u4")
    row["testSha256"] = digest(test, "<u4")
    return row


def write(name, rows):
    with open(name, "w", encoding="utf-8") as file:
        lines = ",\n".join("    " + json.dumps(row) for row in rows)
        file.write('{\n  "versions": ' + json.dumps(VERSIONS) + ',\n  "rows": [\n' + lines + "\n  ]\n}\n")


write("moons.json", [moons(*row) for row in MOONS])
write("circles.json", [circles(*row) for row in CIRCLES])
write("blobs.json", [blobs(*row) for row in BLOBS])
write("splits.json", [split(*row) for row in SPLITS])
