"""What a reader makes of the right passage: `scripts/measure_reader.py ../shared/data`.

Token F1 of its best span on questions of articles that nothing trains on, with 95 % intervals, and
how well an answer is told from none (area under the ROC curve): beside other passages of the same
set, and with people's look-alikes.
"""

import argparse
import random
import sys
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))

from reading_data import ELSEWHERE, Example, elsewhere, reading, unanswerable, written

from rag.intervals import bootstrap
from rag.metrics import exact_match, token_f1
from rag.reader import FOLDER, Look, Reader

SETS = (
    *("squad_train_part", "squadshifts_new_wiki", "nq_oracle", "afriqa_en"),
    *("timeqa_human", "covid_qa", "fairytaleqa"),
)
LOOKALIKES = "squad2_questions"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="the shared data")
    parser.add_argument("--models", type=Path, default=FOLDER, help="where reader.onnx is")
    parser.add_argument("--most", type=int, default=200, help="questions of a set")
    given = parser.parse_args()
    reader = Reader(given.models)
    answered: list[Look] = []
    asked: list[Example] = []
    for name in SETS:
        rows = _some((e for e in reading(given.folder, name, "dev") if e.spans), given.most)
        looks = [_look(reader, e) for e in rows]
        print(f"{name:<24}{_scores(rows, looks)}", flush=True)
        answered += looks
        asked += rows
    ours = list(written(given.folder, "dev"))
    rows = [e for e in ours if e.spans]
    print(f"{'written for this':<24}{_scores(rows, [_look(reader, e) for e in rows])}", flush=True)
    others = elsewhere(asked, ELSEWHERE, random.Random(0))
    alike = list(unanswerable(given.folder, LOOKALIKES, "dev"))
    nothing = [e for e in ours if not e.spans]
    kinds = (("other passages", others), ("look-alikes", alike), ("written look-alikes", nothing))
    for kind, rows in kinds:
        looks = [_look(reader, e) for e in _some(rows, 2 * given.most)]
        print(f"{kind:<24}area under the ROC curve {_areas(answered, looks)}", flush=True)
    return 0


def _some(rows: Iterable[Example], most: int) -> list[Example]:
    every = list(rows)
    return random.Random(0).sample(every, min(most, len(every)))


def _look(reader: Reader, e: Example) -> Look:
    return reader.read(e.question, [(e.title, e.passage)])[0]


def _scores(rows: list[Example], looks: list[Look]) -> str:
    found = defaultdict(list)
    for e, look in zip(rows, looks, strict=True):
        golds = [e.passage[a:b] for a, b in e.spans]
        said = e.passage[look.spans[0].start : look.spans[0].end] if look.spans else ""
        found["F1"].append(token_f1(said, golds) or 0.0)
        found["exact"].append(exact_match(said, golds) or 0.0)
    told = []
    for name, values in found.items():
        if interval := bootstrap(values):
            told.append(f"{name} {interval.mean:.3f} ({interval.low:.3f}–{interval.high:.3f})")
    return f"{'  '.join(told)}  n {len(rows)}"


def _areas(answered: list[Look], not_answered: list[Look]) -> str:
    by_span = _area([_margin(x) for x in answered], [_margin(x) for x in not_answered])
    by_head = _area([x.answers for x in answered], [x.answers for x in not_answered])
    return f"by the span {by_span:.3f}, by the head {by_head:.3f}"


def _margin(look: Look) -> float:
    return look.spans[0].margin if look.spans else -99.0


def _area(high: list[float], low: list[float]) -> float:
    return float(np.mean(np.array(high)[:, None] > np.array(low)[None, :]))


if __name__ == "__main__":
    sys.exit(main())
