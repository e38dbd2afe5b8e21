"""Fit what turns a reader's logits into a confidence: `scripts/fit_confidence.py ../shared/data`.

Articles that neither train nor measure (`reading_data.is_calibration`) make a library, together
with others, less a third of the small ones. Their questions are asked of it: on articles that are
in, on articles that are not, and those that only look answerable, people's and made ones. Two
logistic regressions are fitted: which of a question's candidates is right, and whether the best
one is. Writes `reader.json` beside the reader, and prints what confidence is worth, on articles
that the fit did not see.
"""

import argparse
import json
import pickle
import random
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parent))

from datasets import stitched
from reading_data import Example, altered, reading, unanswerable, written

from rag.embedding import Embedder
from rag.importing import Document, write_articles
from rag.indexes import Indexes
from rag.ingesting import ingest
from rag.library import Library
from rag.metrics import ece, gold_in_answer
from rag.reader import FOLDER, Logistic, Reader
from rag.reading import (
    ENOUGH,
    MOST_READ,
    RANK_FEATURES,
    SURE_FEATURES,
    Candidate,
    candidates,
    confidence,
    in_order,
    sure_features,
)
from rag.retrieval import retrieve

# Questions of each set at most, so that none of one kind weighs most.
SETS = {
    "squad_train_part": 250,
    "squadshifts_new_wiki": 250,
    "nq_oracle": 150,
    "qed_dev": 80,
    "afriqa_en": 250,
    "timeqa_human": 80,
    "covid_qa": 25,
}
WRITTEN = 300  # of those that were written for this project
LOOKALIKES = "squad2_questions"
_MADE = 100  # look-alikes that were made of answerable questions
_SMALL = 10  # passages; of articles with as few, each third is left out
_OTHERS = ("squad_train_part", "squadshifts_new_wiki")
_OTHER_PASSAGES = 1_200
_TOP = 12
# By hand: so few of these articles say the same that a fit would make far too much of it.
_AGREEING = 0.7  # log-odds for each other article that does

_RIDGE = 3.0  # on weights of features of unit spread

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, its candidates, which of them hold a gold answer, and what it was asked for."""

    example: Example
    kind: str
    ranked: list[Candidate]
    right: list[bool]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="the shared data")
    parser.add_argument("--models", type=Path, default=FOLDER, help="where reader.onnx is")
    parser.add_argument("--kept", type=Path, help="candidates, kept for another fit in seconds")
    given = parser.parse_args()
    file = given.models / "reader.json"
    if not file.exists():  # a reader needs one; nothing here hangs on what is in it
        flat = {"weights": {}, "bias": 0.0}
        file.write_text(json.dumps({"rank": flat, "sure": flat, "support": flat}), "utf-8")
    if given.kept and given.kept.exists():
        asked = pickle.loads(given.kept.read_bytes())
    else:
        with tempfile.TemporaryDirectory() as scratch:
            asked = list(ask_all(given.folder, Path(scratch), Reader(given.models)))
        if given.kept:
            given.kept.write_bytes(pickle.dumps(asked))
    fit(asked, file)
    return 0


# --- the library, and its questions ---------------------------------------------------------------


def ask_all(folder: Path, scratch: Path, reader: Reader) -> Iterator[Asked]:
    every = [e for name in SETS for e in reading(folder, name, "calibrate") if e.title]
    every += written(folder, "calibrate")
    embedder = Embedder()
    with made_library(passages_of(folder, every), scratch, embedder) as library:
        indexes = Indexes(library)
        stored = {article.title for article in library.listed()}
        found = list(questions(folder, every, stored))
        print(f"{len(stored)} articles, {library.counts()[1]} chunks, {len(found)} questions")
        for at, (example, kind) in enumerate(found, start=1):
            hits = retrieve(example.question, library, indexes, embedder, top=_TOP)
            ranked = candidates(example.question, hits[:MOST_READ], embedder, reader)
            golds = [example.passage[a:b] for a, b in example.spans] if kind == "in" else []
            right = [bool(golds and gold_in_answer(c.sentence_text, golds)) for c in ranked]
            if ranked:
                yield Asked(example, kind, ranked, right)
            if at % 100 == 0:
                print(f"  {at} asked", file=sys.stderr, flush=True)


def passages_of(folder: Path, every: Sequence[Example]) -> dict[str, list[str]]:
    """By title, what goes into the library."""
    own: dict[str, list[str]] = defaultdict(list)
    for e in every:
        if not any(e.passage in passage for passage in own[e.title]):  # one may be a part
            own[e.title].append(e.passage)
    small = sorted(title for title, passages in own.items() if len(passages) <= _SMALL)
    for title in small[::3]:
        del own[title]
    for name in _OTHERS:
        others = dict.fromkeys((e.title, e.passage) for e in reading(folder, name) if e.title)
        for title, passage in list(others)[: _OTHER_PASSAGES // len(_OTHERS)]:
            own[title].append(passage)
    return own


def made_library(
    passages: Mapping[str, Sequence[str]], scratch: Path, embedder: Embedder
) -> Library:
    documents = [Document(t, "\n\n".join(stitched(own))) for t, own in passages.items()]
    marks = (embedder.name, embedder.fingerprint, embedder.dimension)
    library = Library.create(scratch / "library", *marks)
    for item in ingest(write_articles(documents, scratch / "articles"), library, embedder):
        if item.status == "skipped":
            print(item.note, file=sys.stderr)
    return library


def questions(
    folder: Path, every: Sequence[Example], stored: set[str]
) -> Iterator[tuple[Example, str]]:
    draw = random.Random(1)
    held = [e for e in every if e.title in stored and e.spans]
    for name, most in (SETS | {"written": WRITTEN}).items():
        own = [e for e in held if e.source == name]
        yield from ((e, "in") for e in draw.sample(own, min(most, len(own))))
    yield from ((e, "out") for e in every if e.title not in stored)
    alike = [e for e in unanswerable(folder, LOOKALIKES, "calibrate") if e.title in stored]
    alike += [e for e in every if e.source == "written" and not e.spans and e.title in stored]
    made = [e for e in altered(held, draw) if not e.source.endswith("sentence cut")]
    yield from ((e, "alike") for e in (*alike, *draw.sample(made, min(_MADE, len(made)))))


# --- the fits -------------------------------------------------------------------------------------


def fit(asked: Sequence[Asked], file: Path) -> None:
    """Cross-fitted by article for the figures that are printed; fitted on all for the file."""
    folds = [sum(map(ord, a.example.title)) % 5 for a in asked]
    sure, rights = np.zeros(len(asked)), np.zeros(len(asked))
    for fold in range(5):
        train = [a for a, f in zip(asked, folds, strict=True) if f != fold]
        rank, calibrated = fitted(train)
        for i, (a, f) in enumerate(zip(asked, folds, strict=True)):
            if f == fold:
                best = reranked(a, rank)
                rights[i] = best[1]
                sure[i] = confidence(a.example.question, best[0], calibrated)
    report(asked, sure, rights)
    rank, calibrated = fitted(asked)
    kept = json.loads(file.read_text("utf-8"))
    kept |= {"rank": plain(rank), "sure": plain(calibrated)}
    file.write_text(json.dumps(kept, indent=1) + "\n", "utf-8")
    print(file.read_text())


def fitted(asked: Sequence[Asked]) -> tuple[Logistic, Logistic]:
    answerable = [a for a in asked if any(a.right)]
    rank = listwise(answerable, RANK_FEATURES)
    best = [(a, reranked(a, rank)) for a in asked]
    tops = [sure_features(a.example.question, ranked) for a, (ranked, _) in best]
    sure = regression(tops, [right for _, (_, right) in best], SURE_FEATURES)
    return rank, replace(sure, weights={**sure.weights, "agreeing": _AGREEING})


def reranked(a: Asked, rank: Logistic) -> tuple[list[Candidate], bool]:
    """The candidates by `rank`, and whether the first is right."""
    scored = [replace(c, score=rank(c.features)) for c in a.ranked]
    ranked = in_order(a.example.question, scored)
    return ranked, a.right[scored.index(ranked[0])]


def listwise(asked: Sequence[Asked], names: Sequence[str]) -> Logistic:
    """Weights that put a right candidate first, scaled so that a score is its log-odds.

    A softmax over each question's candidates, the right ones' share of it maximised (ListNet,
    Cao et al. 2007, with 0 and 1 for relevance): what is alike for all candidates of a question
    says nothing of which is right.
    """
    from scipy.optimize import minimize

    tables = [np.array([[c.features[n] for n in names] for c in a.ranked]) for a in asked]
    whole = np.vstack(tables)
    mean, spread = whole.mean(axis=0), whole.std(axis=0) + 1e-6
    tables = [(table - mean) / spread for table in tables]
    rights = [np.array(a.right, bool) for a in asked]

    def loss(weights: Values) -> tuple[float, Values]:
        total, slope = _RIDGE / 2 * float(weights @ weights), _RIDGE * weights
        for table, right in zip(tables, rights, strict=True):
            scores = table @ weights
            share = np.exp(scores - scores.max())
            share /= share.sum()
            held = float(share[right].sum()) + 1e-12
            total -= float(np.log(held))
            slope = slope + table.T @ (share - np.where(right, share / held, 0.0))
        return total, slope

    weights = minimize(loss, np.zeros(len(names)), jac=True, method="L-BFGS-B").x
    scores = [{"score": float(s)} for table in tables for s in table @ weights]
    scale = regression(scores, [r for a in asked for r in a.right], ["score"])
    weights = scale.weights["score"] * weights / spread
    bias = scale.bias - float(weights @ mean)
    return Logistic({n: float(w) for n, w in zip(names, weights, strict=True)}, bias)


def regression(
    rows: Sequence[Mapping[str, float]],
    right: Sequence[bool],
    names: Sequence[str],
) -> Logistic:
    from sklearn.linear_model import LogisticRegression

    values = np.array([[row[name] for name in names] for row in rows])
    mean, spread = values.mean(axis=0), values.std(axis=0) + 1e-6
    model = LogisticRegression(C=1.0, max_iter=1000)
    model.fit((values - mean) / spread, np.array(right, int))
    weights = model.coef_[0] / spread
    bias = float(model.intercept_[0] - (weights * mean).sum())
    return Logistic({n: float(w) for n, w in zip(names, weights, strict=True)}, bias)


def plain(model: Logistic) -> dict[str, object]:
    weights = {name: round(w, 5) for name, w in model.weights.items()}
    return {"weights": weights, "bias": round(model.bias, 5)}


def report(asked: Sequence[Asked], sure: Values, rights: Values) -> None:
    kinds = np.array([a.kind for a in asked])
    inside = kinds == "in"
    any_right = np.mean([any(a.right) for a in asked if a.kind == "in"])
    print(f"held-out ECE {ece(list(sure), list(rights)):.3f}")
    print(f"best one right {rights[inside].mean():.3f} of those in, any {any_right:.3f}")
    _places(asked)
    print("at    abstained  wrong, of the answered (all)  out: answered  look-alikes: answered")
    for line in np.arange(0.1, 0.95, 0.05):
        given = sure >= line
        wrong = [1 - rights[g].mean() if g.any() else 0.0 for g in (given & inside, given)]
        held, out, alike = (given[kinds == kind].mean() for kind in ("in", "out", "alike"))
        told = f"{1 - held:.3f}  {wrong[0]:.3f} ({wrong[1]:.3f})  {out:.3f}  {alike:.3f}"
        print(f"{line:.2f}  {told}")
    _by_kind(asked, sure, rights)


def _by_kind(asked: Sequence[Asked], sure: Values, rights: Values) -> None:
    """What is asked for, by whom it was written or made, and how much of it gets an answer."""
    kinds = np.array([f"{a.kind}, {_asked_by(a)}" for a in asked])
    for kind in sorted(set(kinds)):
        own = kinds == kind
        given = "  ".join(f"{np.mean(sure[own] >= line):.3f}" for line in ENOUGH.values())
        best = rights[own].mean()
        print(f"{kind:<16} n {own.sum():<5} best one right {best:.3f}  answered {given}")


def _asked_by(a: Asked) -> str:
    if a.example.source in ("written", LOOKALIKES):
        return "written" if a.example.source == "written" else "people"
    return "made" if a.kind == "alike" else "people"


def _places(asked: Sequence[Asked]) -> None:
    """How many chunks need be read, and what a second sentence adds."""
    firsts = []
    for a in asked:
        found = sorted({c.hit.fused for c, r in zip(a.ranked, a.right, strict=True) if r})
        if found:
            firsts.append(sum(f > found[-1] for f in {c.hit.fused for c in a.ranked}))
    for most in (4, 6, 8, 10, 12):
        held = np.mean([first < most for first in firsts])
        print(f"answered within the first {most} chunks: {held:.3f} of what is answered in 12")


if __name__ == "__main__":
    sys.exit(main())
