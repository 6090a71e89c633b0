#!/usr/bin/python3
"""Reference values of the metrics by scikit-learn; a development tool, never needed at run time.

  make_metrics.py                      writes metrics.json beside this file
  make_metrics.py --score IN OUT       scores the cases of the JSON file IN into OUT
"""
import json
import os
import sys
import warnings

import numpy as np
from sklearn.metrics import accuracy_score, average_precision_score, roc_auc_score


def score(case):
    """Adds scikit-learn's values to {scores, labels}: one tag, or rows of tags with columns."""
    s, y = np.array(case["scores"], float), np.array(case["labels"], int)
    if s.ndim == 1:
        if 0 < y.sum() < len(y):
            case["roc_auc"] = float(roc_auc_score(y, s))
        if y.sum() > 0:
            case["average_precision"] = float(average_precision_score(y, s))
    else:
        case["roc_auc"] = float(roc_auc_score(y, s, average="macro"))
        case["average_precision"] = float(average_precision_score(y, s, average="macro"))
        case["classes"] = [int(c) + 1 for c in y.argmax(axis=1)]
        case["accuracy"] = float(accuracy_score(y.argmax(axis=1), s.argmax(axis=1)))
    return case


def draw(rng, n, columns, levels):
    """Random scores on few levels (many ties) or none, labels with both kinds in each column."""
    shape = (n,) if columns == 0 else (n, columns)
    scores = rng.integers(0, levels, shape) / levels if levels else rng.normal(size=shape)
    labels = (rng.random(shape) < rng.uniform(0.05, 0.6)).astype(int)
    labels[0], labels[1] = 1, 0
    return {"scores": scores.tolist(), "labels": labels.tolist()}


def main():
    warnings.simplefilter("ignore")
    if sys.argv[1:2] == ["--score"]:
        with open(sys.argv[2]) as f:
            cases = json.load(f)
        with open(sys.argv[3], "w") as f:
            json.dump([score(c) for c in cases], f)
        return
    rng = np.random.default_rng(20)
    cases = [draw(rng, n, c, levels)
             for n, c in ((2, 0), (3, 0), (7, 0), (40, 0), (30, 4)) for levels in (0, 2, 5)]
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "metrics.json")
    with open(path, "w") as f:
        f.write("[\n" + ",\n".join(json.dumps(score(c)) for c in cases) + "\n]\n")


if __name__ == "__main__":
    main()
