"""Two readers that grew from one checkpoint → their mean: `scripts/average_readers.py A.pt B.pt`.

Weights of runs that part from one point lie so near that their mean reads better than either
(Wortsman et al. 2022, "Model soups"). A head that only one has is taken as it is.
"""

import argparse
import sys
from pathlib import Path

import torch


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("readers", type=Path, nargs=2, metavar="READER.pt")
    parser.add_argument("--out", type=Path, default=Path("build/reader/mean.pt"))
    given = parser.parse_args()
    one, other = (
        torch.load(file, map_location="cpu", weights_only=True)["model"] for file in given.readers
    )
    mean = {
        name: (one[name] + other[name]) / 2 if name in one and name in other else weights
        for name, weights in {**one, **other}.items()
    }
    torch.save({"model": mean}, given.out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
