# /// script
# requires-python = ">=3.11"
# dependencies = ["numpy==1.26.4", "scikit-learn==1.9.1"]
# ///
"""Writes diabetes.json: scikit-learn's diabetes data and the least squares fit of its training part, in float64.

Run: uv run diabetes.py  (or python3 with scikit-learn)
The data are those of Efron, Hastie, Johnstone and Tibshirani, "Least Angle Regression", Annals of Statistics 32 (2004), as
scikit-learn carries them under its BSD-3-Clause licence: 442 rows of 10 features as measured, and a measure of how the
disease had progressed a year later. Features are standardised by mean and deviation (divisor n) of the training rows.
"""

import json
from pathlib import Path

import numpy as np
import sklearn
from sklearn.datasets import load_diabetes
from sklearn.linear_model import LinearRegression
from sklearn.metrics import mean_squared_error, r2_score
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

TEST_SIZE, SEED = 0.2, 42

data = load_diabetes(scaled=False)
train, test = train_test_split(np.arange(len(data.target)), test_size=TEST_SIZE, random_state=SEED)
scaler = StandardScaler().fit(data.data[train])
inputs = scaler.transform(data.data)
model = LinearRegression().fit(inputs[train], data.target[train])
predicted = model.predict(inputs)


def scores(rows):
    return {
        "meanSquaredError": mean_squared_error(data.target[rows], predicted[rows]),
        "r2": r2_score(data.target[rows], predicted[rows]),
    }


golden = {
    "versions": {"numpy": np.__version__, "scikit-learn": sklearn.__version__},
    "features": data.feature_names,
    "split": {"testSize": TEST_SIZE, "seed": SEED, "train": train.tolist(), "test": test.tolist()},
    "scaling": {"mean": scaler.mean_.tolist(), "deviation": scaler.scale_.tolist()},
    "leastSquares": {
        "weight": model.coef_.tolist(),
        "bias": model.intercept_,
        "train": scores(train),
        "test": scores(test),
    },
    "targets": data.target.tolist(),
    "inputs": data.data.tolist(),
}
# A row a line, so that changes can be read.
text = json.dumps({**golden, "inputs": None})
rows = ",\n    ".join(json.dumps(row) for row in golden["inputs"])
text = text.replace('"inputs": null', f'"inputs": [\n    {rows}\n  ]')
Path(__file__).with_name("diabetes.json").write_text(text + "\n")
