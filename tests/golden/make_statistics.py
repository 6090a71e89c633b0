#!/usr/bin/python3
"""Reference values of ms.statistics by scipy; a development tool, never needed at run time.

  make_statistics.py                      writes statistics.json beside this file
  make_statistics.py --score IN OUT       scores the cases of the JSON file IN into OUT
"""
import json
import os
import sys
import warnings

import numpy as np
from scipy import special, stats

SIDES = ("two-sided", "greater", "less")
TESTS = {
    "welch_t_test": lambda a, b, side: stats.ttest_ind(a, b, equal_var=False, alternative=side),
    "pooled_t_test": lambda a, b, side: stats.ttest_ind(a, b, equal_var=True, alternative=side),
    "paired_t_test": lambda a, b, side: stats.ttest_rel(a, b, alternative=side),
}


def quantile(p, df):
    """scipy's t quantile (off by some 1e-9 in 1.10), brought to full precision by Newton with scipy's own cdf."""
    if p == 0.5:
        return 0.0
    side, tail = (-1, p) if p < 0.5 else (1, 1 - p)
    t = side * float(stats.t.ppf(p, df))
    for _ in range(3):
        t += (float(stats.t.sf(t, df)) - tail) / float(stats.t.pdf(t, df))
    return side * t


def numbers(case):
    """Distribution functions at x with df degrees of freedom, quantiles at p, I_u(a, b)."""
    x, df, p = case["x"], case["df"], case["p"]
    case["t_cdf"] = float(stats.t.cdf(x, df))
    case["t_quantile"] = quantile(p, df)
    case["normal_cdf"] = float(stats.norm.cdf(x))
    case["normal_quantile"] = float(stats.norm.ppf(p))
    case["incomplete_beta"] = float(special.betainc(case["a"], case["b"], case["u"]))
    return case


def holm(ps):
    """Holm's adjusted p values by his definition: the running maximum of (m - rank + 1) p."""
    order = np.argsort(ps, kind="stable")
    steps = np.minimum(1, (len(ps) - np.arange(len(ps))) * np.asarray(ps)[order])
    out = np.empty(len(ps))
    out[order] = np.maximum.accumulate(steps)
    return [float(v) for v in out]


def samples(case):
    """Moments, quantiles, all t-tests (statistic and p for each side) and corrections of their p values."""
    a, b = np.array(case["a"]), np.array(case["b"])
    case["mean"], case["sd"], case["se"] = float(a.mean()), float(a.std(ddof=1)), float(stats.sem(a))
    case["quantiles"] = [float(np.percentile(a, q)) for q in (0, 2.5, 31, 50, 97.5, 100)]
    ps = []
    for name, test in TESTS.items():
        if name == "paired_t_test" and len(a) != len(b):
            continue
        results = {side: test(a, b, side) for side in SIDES}
        case[name] = {"t": float(results["two-sided"].statistic),
                      "p": [float(results[side].pvalue) for side in SIDES]}
        ps += case[name]["p"]
    case["ps"] = ps
    case["bonferroni"] = [min(1.0, len(ps) * p) for p in ps]
    case["holm"] = holm(ps)
    reach = quantile(0.95, len(a) - 1) * case["se"]
    case["interval"] = [case["mean"] - reach, case["mean"] + reach]
    return case


def score(cases):
    return {"numbers": [numbers(c) for c in cases["numbers"]],
            "samples": [samples(c) for c in cases["samples"]]}


def draw():
    rng = np.random.default_rng(24)
    grid = [{"x": x, "df": df, "p": p, "a": a, "b": b, "u": u}
            for (x, df, p, a, b, u) in zip(
                np.concatenate([np.linspace(-9, 9, 37), [-1e8, -38, -0.0, 1e-9, 300]]).tolist(),
                [1, 2, 3, 4, 8, 9, 0.5, 2.7, 30, 1e3, 1e6, 1e9, 1e13, 150, 6.25] * 3,
                [1e-12, 1e-9, 1e-6, 0.005, 0.025, 0.3, 0.5, 0.5000001, 0.7, 0.95, 0.999999] * 4,
                [0.5, 4, 4.5, 12, 100, 5e5, 0.01] * 6,
                [0.5, 0.5, 3, 0.2, 80, 11, 40, 2e4, 1] * 5,
                [0.0, 1e-12, 0.1, 0.499, 0.5, 0.501, 0.9, 0.999999, 1.0, 0.7, 0.2] * 4)]
    sizes = [(2, 2), (2, 5), (3, 3), (5, 5), (5, 3), (10, 10), (40, 7)]
    pairs = []
    for n, m in sizes:
        for shift in (0.0, 0.4, 3.0):
            a = 91.5 + shift * 0.1 + 0.1 * rng.normal(size=n)
            b = 91.5 + 0.05 * rng.normal(size=m)
            pairs.append({"a": a.tolist(), "b": b.tolist()})
    return {"numbers": grid, "samples": pairs}


def main():
    warnings.simplefilter("ignore")
    if sys.argv[1:2] == ["--score"]:
        with open(sys.argv[2]) as f:
            cases = json.load(f)
        with open(sys.argv[3], "w") as f:
            json.dump(score(cases), f)
        return
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "statistics.json")
    scored = score(draw())
    with open(path, "w") as f:
        parts = ['"%s": [\n%s\n]' % (k, ",\n".join(json.dumps(c) for c in v)) for k, v in scored.items()]
        f.write("{" + ",\n".join(parts) + "}\n")


if __name__ == "__main__":
    main()
