"""Fit and measure the support checker: `.venv/bin/python scripts/fit_support.py ../shared/data`.

What turns the reader's last logit, and whether the gates stop a sentence, into a probability is
fitted on pairs that neither train nor measure it, and written to `reader.json`. Then everything is
measured: people's judgements of sets that nothing learned from, and sentences that were altered and
reworded by hand (`tests/gold/support.jsonl`), by the gates alone, the checker alone, and both.
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

from rag.facts import contradictions
from rag.intervals import Interval, bootstrap, bootstrap_of, ratio
from rag.metrics import ece
from rag.reader import FOLDER, Logistic, Reader
from rag.verification import as_support, log_odds

GOLD = Path(__file__).parents[1] / "tests/gold/support.jsonl"
ONE_WORD = frozenset(("name", "number", "date", "place", "unit", "negation"))
_FIT = 120  # pairs of each set
_OWN = 400  # sentences written for this, and altered and reworded by rule
_FOLDS = 5
_FEATURES = ("logit", "stopped")


@dataclass(frozen=True, slots=True)
class Scored:
    """A pair, the logit that the checker gives it, and whether the gates stop it."""

    pair: Pair
    logit: float
    stopped: bool

    @property
    def features(self) -> dict[str, float]:
        return {"logit": self.logit, "stopped": float(self.stopped)}


Judge = Callable[[Scored], bool]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="the shared data")
    parser.add_argument("--models", type=Path, default=FOLDER, help="where reader.onnx is")
    parser.add_argument("--most", type=int, default=500, help="pairs of a set that is measured")
    given = parser.parse_args()
    reader = Reader(given.models)
    reader._support = Logistic({"logit": 1.0}, 0.0)  # the bare logit
    kept = scored(list(held_out(given.folder)), reader, "fitting")
    both = platt(kept, _FEATURES)
    told(reader, given.folder, given.most, judges(kept, both), both)
    print("on the pairs that it is fitted on, each by a fit on other quotes:")
    _reliability(cross_fitted(kept), [s.pair.supported for s in kept])
    file = given.models / "reader.json"
    fitted = json.loads(file.read_text("utf-8"))
    fitted["support"] = {"weights": dict(both.weights), "bias": both.bias}
    file.write_text(json.dumps(fitted, indent=1) + "\n", "utf-8")
    print("fitted", json.dumps(fitted["support"]))
    return 0


def held_out(folder: Path) -> Iterator[Pair]:
    """Pairs of each set, judged by people; written ones; made ones of articles that are kept."""
    for name in SETS:
        yield from _some(judged(folder, name, "dev"), _FIT)
    yield from _some(written(folder, "dev"), _OWN)
    sets = ("squad_train_part", "squadshifts_new_wiki", "qamr", "afriqa_en")
    asked = [e for name in sets for e in reading(folder, name, "calibrate")]
    yield from reworded_and_altered(asked, random.Random(1), _OWN)


def scored(pairs: Sequence[Pair], reader: Reader, about: str) -> list[Scored]:
    """By a reader that gives the bare logit."""
    return [
        Scored(
            p,
            log_odds(p.sentence, p.title, p.quote, reader),
            bool(contradictions(p.sentence, p.quote, p.title)),
        )
        for p in track(pairs, about)
    ]


# --- the fit --------------------------------------------------------------------------------------


def platt(found: Sequence[Scored], names: Sequence[str]) -> Logistic:
    """A logistic regression on the logit (Platt 1999) and more, either label weighing the same."""
    from sklearn.linear_model import LogisticRegression

    rows = np.array([[s.features[name] for name in names] for s in found])
    fit = LogisticRegression(class_weight="balanced").fit(rows, [s.pair.supported for s in found])
    weights = (round(float(weight), 4) for weight in fit.coef_[0])
    return Logistic(dict(zip(names, weights, strict=True)), round(float(fit.intercept_[0]), 4))


def probability_of(found: Scored, fitted: Logistic) -> float:
    """As `rag support` gives it."""
    return as_support(fitted(found.features), stopped=found.stopped)


def cross_fitted(found: Sequence[Scored]) -> list[float]:
    """The probability of each by a fit on pairs of other quotes alone."""
    quotes = sorted({s.pair.quote for s in found})
    random.Random(0).shuffle(quotes)
    fold_of = {quote: i % _FOLDS for i, quote in enumerate(quotes)}
    fits = [
        platt([s for s in found if fold_of[s.pair.quote] != fold], _FEATURES)
        for fold in range(_FOLDS)
    ]
    return [probability_of(s, fits[fold_of[s.pair.quote]]) for s in found]


def judges(kept: Sequence[Scored], both: Logistic) -> dict[str, Judge]:
    alone = platt(kept, ("logit",))
    return {
        "gates": lambda s: not s.stopped,
        "checker": lambda s: alone(s.features) > 0,
        "both": lambda s: probability_of(s, both) >= 0.5,
    }


# --- what it is worth -----------------------------------------------------------------------------


def told(
    reader: Reader, folder: Path, most: int, judge_of: dict[str, Judge], both: Logistic
) -> None:
    """Prints balanced accuracy by set and judge, what is caught by kind, and reliability."""
    every: list[Scored] = []
    for name in MEASURED:
        found = scored(_some(judged(folder, name), most), reader, name)
        every += found
        shown = (f"{j} {_accuracy(found, judge)}" for j, judge in judge_of.items())
        print(f"{name:<20}{'  '.join(shown)}  n {len(found)}")
    shown = (f"{j} {_accuracy(every, judge)}" for j, judge in judge_of.items())
    print(f"{'macro mean':<20}{'  '.join(shown)}")
    by_hand = scored(list(gold()), reader, "by hand")
    for kind in sorted({s.pair.source for s in by_hand}):
        own = [s for s in by_hand if s.pair.source == kind]
        passed = {j: np.mean([judge(s) for s in own]) for j, judge in judge_of.items()}
        print(f"{kind:<20}" + "  ".join(f"{j} passes {v:.3f}" for j, v in passed.items()), len(own))
    altered = [s for s in by_hand if s.pair.source in ONE_WORD]
    faithful = [s for s in by_hand if s.pair.supported]
    for about, own in (("one-word alterations caught", altered), ("faithful rejected", faithful)):
        shown = (f"{j} {_shown(stopped_share(own, judge))}" for j, judge in judge_of.items())
        print(f"{about}: {'  '.join(shown)}  n {len(own)}")
    measured = by_hand + every
    _reliability([probability_of(s, both) for s in measured], [s.pair.supported for s in measured])


def gold() -> Iterator[Pair]:
    for line in GOLD.read_text("utf-8").splitlines():
        row = json.loads(line)
        yield Pair(row["sentence"], row["title"], row["quote"], row["supported"], row["kind"])


def balanced(found: Sequence[Scored], judge: Judge) -> float:
    """The mean of the shares of supported and of unsupported pairs that are judged rightly.

    Of several sets the mean of theirs.
    """
    rights: dict[tuple[str, bool], list[bool]] = {}
    for s in found:
        key = (s.pair.source, s.pair.supported)
        rights.setdefault(key, []).append(judge(s) == s.pair.supported)
    return float(np.mean([np.mean(right) for right in rights.values()]))


def _accuracy(found: Sequence[Scored], judge: Judge) -> str:
    statistic = bootstrap_of(lambda i: balanced([found[j] for j in i], judge), len(found), 200)
    return _shown(statistic)


def stopped_share(found: Sequence[Scored], judge: Judge) -> Interval | None:
    """The share that does not pass; of one quote there are several, which are drawn together."""
    by_quote: dict[str, list[bool]] = {}
    for s in found:
        by_quote.setdefault(s.pair.quote, []).append(not judge(s))
    return ratio([(sum(stopped), len(stopped)) for stopped in by_quote.values()])


def _shown(made: Interval | None) -> str:
    return f"{made.mean:.3f} ({made.low:.3f}–{made.high:.3f})" if made else "–"


def _reliability(values: Sequence[float], right: Sequence[bool]) -> None:
    print(f"calibration error {ece(values, right):.3f}, 15 bins, n {len(values)}")
    for low in np.arange(0, 1, 0.1):
        held = [r for v, r in zip(values, right, strict=True) if low <= v < low + 0.1 + 1e-9]
        if (share := bootstrap(held)) is not None:
            print(f"  support {low:.1f}–{low + 0.1:.1f}: supported {share.mean:.2f}, n {len(held)}")


def _some(found: Iterator[Pair], most: int) -> list[Pair]:
    every = list(found)
    return every if len(every) <= most else random.Random(0).sample(every, most)


if __name__ == "__main__":
    sys.exit(main())
