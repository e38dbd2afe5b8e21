"""Fit and measure the support checker: `.venv/bin/python scripts/fit_support.py ../shared/data`.

What turns the reader's last logit into a probability is fitted on pairs that neither train nor
measure it, and written to `reader.json`. Then everything is measured: people's judgements of sets
that nothing learned from, and sentences that were altered and reworded by hand
(`tests/gold/support.jsonl`), by the gates alone, the checker alone, and both.
"""

import argparse
import json
import random
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rich.progress import track

sys.path.insert(0, str(Path(__file__).parent))

from reading_data import reading
from support_data import MEASURED, SETS, Pair, judged, reworded_and_altered, written

from rag.intervals import bootstrap, bootstrap_of
from rag.metrics import ece
from rag.reader import FOLDER, Reader, probability
from rag.verification import contradictions, support

GOLD = Path(__file__).parents[1] / "tests/gold/support.jsonl"
_FIT = 120  # pairs of each set
_OWN = 400  # sentences written for this, and altered and reworded by rule


@dataclass(frozen=True, slots=True)
class Scored:
    """A pair, the log-odds that the checker gives it, and whether the gates stop it."""

    pair: Pair
    log_odds: float
    stopped: bool


Judge = Callable[[Scored], bool]
JUDGES: dict[str, Judge] = {
    "gates": lambda s: not s.stopped,
    "checker": lambda s: s.log_odds > 0,
    "both": lambda s: s.log_odds > 0 and not s.stopped,
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="the shared data")
    parser.add_argument("--models", type=Path, default=FOLDER, help="where reader.onnx is")
    parser.add_argument("--most", type=int, default=500, help="pairs of a set that is measured")
    given = parser.parse_args()
    file = given.models / "reader.json"
    fitted = json.loads(file.read_text("utf-8"))
    fitted["support"] = {"weights": {"logit": 1.0}, "bias": 0.0}
    file.write_text(json.dumps(fitted, indent=1) + "\n", "utf-8")
    found = scored(list(held_out(given.folder)), Reader(given.models), "fitting")
    fitted["support"] = platt(found)
    file.write_text(json.dumps(fitted, indent=1) + "\n", "utf-8")
    print("fitted", json.dumps(fitted["support"]))
    reader = Reader(given.models)
    told(reader, given.folder, given.most)
    return 0


def held_out(folder: Path) -> Iterator[Pair]:
    """Pairs of each set, judged by people; written ones; made ones of articles that are kept."""
    for name in SETS:
        yield from _some(judged(folder, name, "dev"), _FIT)
    yield from _some(written(folder, "dev"), _OWN)
    sets = ("squad_train_part", "squadshifts_new_wiki", "qamr", "afriqa_en")
    asked = [e for name in sets for e in reading(folder, name, "calibrate")]
    yield from reworded_and_altered(asked, random.Random(1), _OWN)


def platt(found: Sequence[Scored]) -> dict[str, object]:
    """A logistic regression on the logit (Platt 1999), either label weighing the same."""
    from sklearn.linear_model import LogisticRegression

    logits = np.array([[s.log_odds] for s in found])
    fit = LogisticRegression(class_weight="balanced").fit(logits, [s.pair.supported for s in found])
    weight, bias = float(fit.coef_[0][0]), float(fit.intercept_[0])
    return {"weights": {"logit": round(weight, 4)}, "bias": round(bias, 4)}


def scored(pairs: Sequence[Pair], reader: Reader, about: str) -> list[Scored]:
    made = []
    for p in track(pairs, about):
        value = support(p.sentence, [(p.title, p.quote)], reader)
        log_odds = float(np.log(value / (1 - value)))
        made.append(Scored(p, log_odds, bool(contradictions(p.sentence, p.quote, p.title))))
    return made


def told(reader: Reader, folder: Path, most: int) -> None:
    """Prints balanced accuracy by set and judge, what is caught by kind, and reliability."""
    every: list[Scored] = []
    means: dict[str, list[float]] = {name: [] for name in JUDGES}
    for name in MEASURED:
        found = scored(_some(judged(folder, name), most), reader, name)
        every += found
        for judge, value in ((j, balanced(found, JUDGES[j])) for j in JUDGES):
            means[judge].append(value)
        shown = "  ".join(f"{j} {_interval(found, JUDGES[j])}" for j in JUDGES)
        print(f"{name:<20}{shown}  n {len(found)}")
    print("macro mean          " + "  ".join(f"{j} {np.mean(means[j]):.3f}" for j in JUDGES))
    by_hand = scored(list(gold()), reader, "by hand")
    for kind in sorted({s.pair.source for s in by_hand}):
        own = [s for s in by_hand if s.pair.source == kind]
        passed = {j: np.mean([JUDGES[j](s) for s in own]) for j in JUDGES}
        print(f"{kind:<20}" + "  ".join(f"{j} passes {v:.3f}" for j, v in passed.items()), len(own))
    _reliability(by_hand + every)


def gold() -> Iterator[Pair]:
    for line in GOLD.read_text("utf-8").splitlines():
        row = json.loads(line)
        yield Pair(row["sentence"], row["title"], row["quote"], row["supported"], row["kind"])


def balanced(found: Sequence[Scored], judge: Judge) -> float:
    """The mean of the shares of supported and of unsupported pairs that are judged rightly."""
    shares = [
        np.mean([judge(s) == kind for s in found if s.pair.supported == kind])
        for kind in (True, False)
    ]
    return float(np.mean(shares))


def _interval(found: Sequence[Scored], judge: Judge) -> str:
    made = bootstrap_of(lambda chosen: balanced([found[i] for i in chosen], judge), len(found), 200)
    return f"{made.mean:.3f} ({made.low:.3f}–{made.high:.3f})" if made else "–"


def _reliability(found: Sequence[Scored]) -> None:
    values = [probability(s.log_odds) for s in found]
    right = [s.pair.supported for s in found]
    print(f"calibration error {ece(values, right):.3f}, 15 bins, n {len(found)}")
    for low in np.arange(0, 1, 0.1):
        held = [r for v, r in zip(values, right, strict=True) if low <= v < low + 0.1 + 1e-9]
        if (share := bootstrap(held)) is not None:
            print(f"  support {low:.1f}–{low + 0.1:.1f}: supported {share.mean:.2f}, n {len(held)}")


def _some(found: Iterator[Pair], most: int) -> list[Pair]:
    every = list(found)
    return every if len(every) <= most else random.Random(0).sample(every, most)


if __name__ == "__main__":
    sys.exit(main())
