"""Writes diabetes.json: scikit-learn's diabetes data, unscaled, and what its LinearRegression reaches on them.

Run from this folder, in a virtual environment of Python 3.11 or later:

    pip install scikit-learn==1.9.1 "numpy==1.26.4"
    python diabetes.py

Data: B. Efron et al., "Least angle regression" (2004), as scikit-learn distributes them.
"""

import json
from pathlib import Path

from sklearn.datasets import load_diabetes
from sklearn.linear_model import LinearRegression
from sklearn.metrics import mean_squared_error, r2_score

inputs, targets = load_diabetes(return_X_y=True, scaled=False)
predicted = LinearRegression().fit(inputs, targets).predict(inputs)
content = {
    "inputs": inputs.tolist(),
    "targets": targets.tolist(),
    "meanSquaredError": mean_squared_error(targets, predicted),
    "r2": r2_score(targets, predicted),
}
(Path(__file__).parent / "diabetes.json").write_text(json.dumps(content) + "\n")
