"""How far each metric is from an independent implementation: the largest relative deviation.

    python benchmarks/metrics_agreement.py

Each line is a metric, each column a kind of features, from tests/metric_cases.py. The tests allow
1e-6.
"""

from pathlib import Path
import sys

sys.path.append(str(Path(__file__).parent.parent / "tests"))

from metric_cases import CASES, deviation, make_features


def main():
    features = dict(zip("abcdefghi", make_features().items(), strict=True))
    for letter, (kind, _) in features.items():
        print(f"{letter}: {kind}")
    print(f"\n{'':26}" + "".join(f"{letter:>8}" for letter in features))
    for name, (ours, theirs) in CASES.items():
        row = [deviation(ours(*pair), theirs(*pair)) for _, pair in features.values()]
        print(f"{name:26}" + "".join(f"{value:8.0e}" for value in row), flush=True)


if __name__ == "__main__":
    main()
