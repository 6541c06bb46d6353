"""Opens a prepared dataset in pyarrow, polars, DuckDB and Hugging Face datasets, and compares labels and images.

    pip install -r requirements.txt
    python check-readers.py FOLDER

FOLDER is what `nn-datasets prepare` wrote. What every reader gives is compared with the bytes of the shards themselves,
found by the sums of their columns. Prints a line a reader, and ends with 1 when one differs.
"""

import hashlib
import json
import sys
import tempfile
from pathlib import Path

import numpy

folder = Path(sys.argv[1])
manifest = json.loads((folder / "manifest.json").read_text())
column, shape, names = manifest["column"], manifest["inputShape"], manifest["classNames"]
width = int(numpy.prod(shape))
shards = {split: [str(folder / shard["file"]) for shard in entry["shards"]] for split, entry in manifest["splits"].items()}
header = {"dtype": manifest["dtype"], "inputShape": shape, "steps": manifest["steps"]}
failures = []


def fingerprint(inputs, labels):
    """The fingerprint as the manifest states it, of a split that some reader gave."""
    digest = hashlib.sha256()
    digest.update((json.dumps(header, separators=(",", ":"), ensure_ascii=False) + "\n").encode())
    digest.update(hashlib.sha256(numpy.ascontiguousarray(labels, dtype=numpy.uint8).tobytes()).digest())
    digest.update(hashlib.sha256(numpy.ascontiguousarray(inputs, dtype=manifest["dtype"]).tobytes()).digest())
    return "sha256:" + digest.hexdigest()


def check(reader, version, open_split):
    for split, files in shards.items():
        inputs, labels = open_split(files)
        inputs = numpy.asarray(inputs).reshape(len(labels), width)
        found, due = fingerprint(inputs, labels), manifest["splits"][split]["fingerprint"]
        if found != due:
            failures.append(f"{reader}: split {split} has {found} where the manifest has {due}")
            return
    print(f"{reader} {version}: {manifest['rows']} labels and inputs as stated")


def with_pyarrow(files):
    import pyarrow

    tables = [pyarrow.ipc.open_file(pyarrow.memory_map(file)).read_all() for file in files]
    table = pyarrow.concat_tables(tables)
    table.validate(full=True)
    flat = [chunk.flatten().to_numpy(zero_copy_only=True) for chunk in table[column].chunks]
    return numpy.concatenate(flat), table["label"].to_numpy()


def with_polars(files):
    import polars

    frame = polars.concat([polars.read_ipc(file) for file in files])
    return frame[column].to_numpy(), frame["label"].to_numpy()


def with_duckdb(files):
    import duckdb
    import pyarrow

    table = pyarrow.concat_tables([pyarrow.ipc.open_file(file).read_all() for file in files])
    connection = duckdb.connect()
    connection.register("shards", table)
    counts = dict(connection.sql("select label, count(*) from shards group by label").fetchall())
    split = next(split for split, own in shards.items() if own == files)
    assert [counts.get(label, 0) for label in range(len(names))] == manifest["splits"][split]["classCounts"]
    rows = connection.sql(f'select "{column}" as inputs, label from shards').fetchnumpy()
    inputs = numpy.stack([numpy.asarray(row) for row in rows["inputs"]])
    return inputs, rows["label"]


def with_datasets(files):
    import datasets
    import pyarrow

    # Class names: the key `huggingface` describes label as a ClassLabel, which Hugging Face stores in 64 bits, and takes
    # from the file only where types are equal. Given by hand, it casts.
    metadata = pyarrow.ipc.open_file(files[0]).schema.metadata[b"huggingface"]
    features = datasets.Features.from_dict(json.loads(metadata)["info"]["features"])
    datasets.disable_progress_bars()
    with tempfile.TemporaryDirectory() as cache:
        plain = datasets.load_dataset("arrow", data_files=files, split="train", cache_dir=cache)
        assert plain.features["label"].dtype == "uint8" and plain.features[column].length == width
        named = datasets.load_dataset("arrow", data_files=files, split="train", cache_dir=cache, features=features)
        assert named.features["label"].names == names
        assert named.features["label"].int2str(named[0]["label"]) == names[plain[0]["label"]]
        inputs = plain.with_format("numpy", columns=[column], dtype=getattr(numpy, manifest["dtype"]))[:][column]
        labels = plain.with_format("numpy", columns=["label"])[:]["label"]
        assert numpy.array_equal(labels, named.with_format("numpy", columns=["label"])[:]["label"])
        return inputs, labels


def version_of(name):
    module = __import__(name)
    return module.__version__


for reader, open_split in [
    ("pyarrow", with_pyarrow),
    ("polars", with_polars),
    ("duckdb", with_duckdb),
    ("datasets", with_datasets),
]:
    check(reader, version_of(reader), open_split)

for failure in failures:
    print(failure, file=sys.stderr)
sys.exit(1 if failures else 0)
