"""Development sets of the shared data: `.venv/bin/python scripts/datasets.py FOLDER --out DIR`.

Each becomes a folder with `articles/`, for `rag ingest`, and `gold.jsonl`, for `rag eval`, of
questions on articles that nothing is ever trained on; `train.jsonl` has those on the others.
docs/evaluation.md says what each set is. The same data give the same sets.
"""

import argparse
import gzip
import hashlib
import heapq
import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rag.articles import parse_date, read_article
from rag.cleaning import clean
from rag.errors import BadInput, RagError, StorageFull, printable
from rag.gold import Gold, as_title, from_json, is_dev, plain, question_type, to_json
from rag.importing import Document, sentence_with, write_articles

Row = dict[str, Any]
Made = tuple[list[Document], list[Gold], list[Gold]]  # the articles, to measure with, to train with

# Questions of a set: a share of 500 is known within 4 points, of 150 within 8.
_MOST = {"open": 500, "squad2_unanswerable": 500}
_FEW = 150
_NEWS = 500  # articles: those asked about are found among so many
_FEWEST_WORDS = 4  # of a quote that carries an answer: fewer are a name
_OVERLAP = 40  # characters that two stretches of one text must share to be joined
OPEN = ("reading/squad_train_part", "reading/squadshifts_new_wiki")
QUESTIONS = "unanswerable/squad2_questions"
NEWSQUIZ = "retrieval/newsquiz_allsides"
HOTPOT = "multihop/hotpot_sample"
QUOTESUM = "cited/quotesum_dev"
CORPUS = ("corpus/allsides_1", "corpus/allsides_2", "corpus/allsides_3")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="the shared data")
    parser.add_argument("--only", nargs="+", choices=SETS, metavar="NAME", help=", ".join(SETS))
    parser.add_argument("--out", type=Path, metavar="DIR", default=Path("build/datasets"))
    given = parser.parse_args(arguments)
    try:
        for name in given.only or SETS:
            print(f"{name} …", end=" ", file=sys.stderr, flush=True)
            made = SETS[name](given.folder)
            most = _MOST.get(name, _FEW)
            print(write_set(made, given.out / name, most=most), file=sys.stderr)
    except RagError as error:
        print(f"\ndatasets: {error}", file=sys.stderr)
        return 2
    return 0


def write_set(made: Made, folder: Path, *, most: int) -> str:
    """Writes a set in place of what the folder had of it, and says in words what there is now.

    Questions whose evidence does not outlast cleaning are left out: no answer can cite it. Of the
    rest, at most `most` are to measure with.
    """
    documents, gold, train = made
    for old in (folder / "articles").glob("*.txt"):
        old.unlink()
    texts = [cleaned(file) for file in write_articles(documents, folder / "articles")]
    standing, trained = stands_in(gold, texts), stands_in(train, texts)
    measured = sample(standing, most)
    write_gold(measured, folder / "gold.jsonl")
    write_gold(trained, folder / "train.jsonl")
    lost = len(gold) + len(train) - len(standing) - len(trained)
    return (
        f"{len(documents)} articles, {len(measured)} questions, {len(trained)} to train with"
        + f" ({lost} left out: cleaning takes their evidence away)" * bool(lost)
    )


def cleaned(file: Path) -> str:
    """The text that the library will have of it, on one line."""
    return plain(clean(read_article(file, file.read_bytes())).text)


def stands_in(gold: Iterable[Gold], texts: Sequence[str]) -> list[Gold]:
    """Those whose evidence stands in one of the texts."""
    return [g for g in gold if all(any(plain(e) in text for text in texts) for e in g.evidence)]


def write_gold(gold: Sequence[Gold], file: Path) -> None:
    """No file where there is no question. Raises StorageFull."""
    lines = [json.dumps(to_json(one), ensure_ascii=False) + "\n" for one in gold]
    try:
        file.unlink(missing_ok=True)
        if lines:
            file.write_text("".join(lines), "utf-8", newline="\n")
    except OSError as error:
        raise StorageFull(str(file), error.strerror or str(error)) from error


# --- the data ------------------------------------------------------------------------------------


def rows_of(folder: Path, name: str) -> Iterator[Row]:
    """The rows of one file, as they come. Raises BadInput."""
    file = folder / f"{name}.jsonl.gz"
    try:
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            yield from map(json.loads, lines)
    except (OSError, EOFError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise BadInput(f"{printable(str(file))}: {why}; name the folder of shared data.") from error


def questions(rows: Iterable[Row]) -> list[Gold]:
    """One for each question on one article; where it comes again, with all its answers.

    Without those whose answer is no part of the text, such as a word of "[citation needed]".
    """
    found: dict[tuple[str, str], Gold] = {}
    for row in rows:
        try:
            gold = question(row)
        except BadInput:
            continue
        key = (str(gold.article), plain(gold.question).casefold())
        found[key] = merged(found[key], gold) if key in found else gold
    return list(found.values())


def question(row: Row) -> Gold:
    """A row of a reading or unanswerable set. Raises BadInput."""
    places = [
        place
        for answer in zip(row["answers"], row["answer_start"], strict=True)
        for place in lines_of(*answer)
    ]
    evidence = [sentence_with(answer, row["context"], near=at) for answer, at in places]
    return from_json(
        {
            "id": row["id"],
            "question": plain(row["question"]),
            "answers": list(dict.fromkeys(answer for answer, _ in places)),
            "evidence": list(dict.fromkeys(evidence)),
            "article": as_title(row["title"]),
            "answerable": row["answerable"],
        }
    )


def lines_of(answer: str, at: int) -> list[tuple[str, int]]:
    """An answer of one line, or each line that says something, and where it stands."""
    lines = [(m[0].strip(), at + m.start()) for m in re.finditer(r"[^\n]+", answer)]
    if len(lines) < 2:
        return [(answer, at)]
    return [line for line in lines if len(line[0].split()) >= _FEWEST_WORDS] or [(answer, at)]


def merged(one: Gold, other: Gold) -> Gold:
    return replace(
        one,
        answers=tuple(dict.fromkeys(one.answers + other.answers)),
        evidence=tuple(dict.fromkeys(one.evidence + other.evidence)),
        answerable=one.answerable or other.answerable,
    )


def articles(rows: Iterable[Row]) -> list[Document]:
    """The contexts of each title, joined in their order."""
    parts: dict[str, dict[str, None]] = {}
    for row in rows:
        parts.setdefault(as_title(row["title"]), {})[row["context"].strip()] = None
    return [Document(title, "\n\n".join(stitched(list(own)))) for title, own in parts.items()]


def stitched(contexts: Sequence[str]) -> list[str]:
    """The stretches of one text without what they repeat of one another.

    >>> stitched(["It was built in 1861 and closed after the flood, and", "closed"])
    ['It was built in 1861 and closed after the flood, and']
    """
    pieces: list[str] = []
    for context in contexts:
        place, piece = len(pieces), context
        for i in range(len(pieces) - 1, -1, -1):
            if joined := _joined(pieces[i], piece):
                place, piece = i, joined
                del pieces[i]
        pieces.insert(place, piece)
    return pieces


def _joined(a: str, b: str) -> str | None:
    """Both as one, where one holds the other or ends as the other begins."""
    if b in a or a in b:
        return max(a, b, key=len)
    for first, then in ((a, b), (b, a)):
        at = first.find(then[:_OVERLAP])
        if at >= 0 and then.startswith(first[at:]):
            return first[:at] + then
    return None


def sample(gold: Sequence[Gold], most: int) -> list[Gold]:
    """At most so many, in their order, drawn by the hash of their ids: always the same ones."""
    drawn = {one.id for one in heapq.nsmallest(most, gold, key=lambda g: _draw(g.id))}
    return [one for one in gold if one.id in drawn]


def _draw(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def split(gold: Iterable[Gold], set_name: str) -> tuple[list[Gold], list[Gold]]:
    """Those to measure with, and those that may be trained on, by their articles."""
    sides: tuple[list[Gold], list[Gold]] = ([], [])
    for one in gold:
        sides[not is_dev(set_name, str(one.article))].append(one)
    return sides


# --- the sets ------------------------------------------------------------------------------------


def open_domain(folder: Path) -> Made:
    """Wikipedia articles, and questions that people wrote on them."""
    parts = [(name, [*rows_of(folder, name)]) for name in OPEN]
    sides = [split(questions(rows), name) for name, rows in parts]
    documents = articles(row for _, rows in parts for row in rows)
    gold, train = ([g for side in sides for g in side[n]] for n in (0, 1))
    return documents, gold, train


def unanswerable(folder: Path) -> Made:
    """The same articles, and questions that people wrote to look as if they answered them."""
    documents = articles(row for name in OPEN for row in rows_of(folder, name))
    return documents, *split(questions(rows_of(folder, QUESTIONS)), QUESTIONS)


@dataclass(frozen=True, slots=True)
class Reading:
    """A reading set with articles of its own, all of them.

    `names_article`: as they stand, its questions could be of any article ("Do you sell my data?"),
    so the article's title is put before them.
    """

    name: str
    names_article: bool = False

    def __call__(self, folder: Path) -> Made:
        rows = [row for row in rows_of(folder, self.name) if row["title"]]
        gold, _ = split(questions(rows), self.name)
        return articles(rows), [_named(g) for g in gold] if self.names_article else gold, []


def _named(gold: Gold) -> Gold:
    asked = f"In “{gold.article}”: {gold.question}"
    return replace(gold, question=asked, kind=question_type(gold.question))


def news(folder: Path) -> Made:
    """Quiz questions on a few news articles, among many others."""
    rows = list(rows_of(folder, NEWSQUIZ))
    wanted = {row["article_id"] for row in rows}
    corpus = (row for name in CORPUS for row in rows_of(folder, name))
    chosen = heapq.nsmallest(
        _NEWS, corpus, key=lambda row: (row["id"] not in wanted, _draw(row["id"]))
    )
    documents: dict[str, Document] = {}  # of two with one title, the one that is asked about
    for row in chosen:
        documents.setdefault(as_title(row["title"]).casefold(), _news_article(row))
    texts = {row["id"]: row["text"] for row in chosen if row["id"] in wanted}
    return list(documents.values()), [_quiz(row, texts[row["article_id"]]) for row in rows], []


def _news_article(row: Row) -> Document:
    published = parse_date(row["date"]) if row["date"] else None
    return Document(as_title(row["title"]), row["text"], row["outlet"], published)


def _quiz(row: Row, text: str) -> Gold:
    """Its evidence is known only where the answer stands in one place of the article."""
    answer = row["answers"][0]
    in_one_place = row["verbatim"] and text.count(answer) == 1
    title = as_title(row["title"])
    return from_json(
        {
            "id": row["id"],
            "question": plain(row["question"]),
            "answers": row["answers"],
            "evidence": [sentence_with(answer, text, near=0)] if in_one_place else [],
            "article": title,
            "answerable": True,
            "relevant": {title: 1},
        }
    )


def two_hops(folder: Path) -> Made:
    """Questions that need two passages, which stand among eight alike. A passage is an article."""
    rows = list(rows_of(folder, HOTPOT))
    passages = [passage for row in rows for passage in row["passages"]]
    return _articles_of(passages), [_of_passages(row) for row in rows], []


def _articles_of(passages: Iterable[Row]) -> list[Document]:
    return articles({"title": p["title"], "context": p["text"]} for p in passages)


def _of_passages(row: Row) -> Gold:
    return from_json(
        {
            "id": row["id"],
            "question": plain(row["question"]),
            "answers": row["answers"],
            "answerable": True,
            "relevant": {as_title(p["title"]): 1 for p in row["passages"] if p["gold"]},
        }
    )


def quoted_summaries(folder: Path) -> Made:
    """Questions, and the sentences that people quoted, of several articles, to answer them."""
    rows = list(rows_of(folder, QUOTESUM))
    asked: dict[str, list[Row]] = {}  # of one question there are several people's summaries
    for row in rows:
        asked.setdefault(plain(row["question"]), []).append(row)
    documents = _articles_of(passage for row in rows for passage in row["passages"])
    made = (_of_summaries(question, own) for question, own in asked.items())
    return documents, [gold for gold in made if gold], []


def _of_summaries(question: str, rows: Sequence[Row]) -> Gold | None:
    """Without quotes of a name alone, and the few that do not stand as they are given."""
    evidence: dict[str, None] = {}
    relevant: dict[str, int] = {}
    for row in rows:
        passages = {passage["n"]: passage for passage in row["passages"]}
        for n, quote in row["quotes"]:
            title, text = as_title(passages[n]["title"]), passages[n]["text"]
            if len(quote.split()) >= _FEWEST_WORDS and quote in text:
                evidence[sentence_with(quote, text, near=text.find(quote))] = None
                relevant[title] = 1
    if not evidence:
        return None
    return from_json(
        {
            "id": rows[0]["id"],
            "question": question,
            "evidence": list(evidence),
            "answerable": True,
            "relevant": relevant,
        }
    )


SETS: dict[str, Callable[[Path], Made]] = {
    "open": open_domain,
    "squad2_unanswerable": unanswerable,
    "news": news,
    "timeqa": Reading("reading/timeqa_human"),
    "covid_qa": Reading("reading/covid_qa"),
    "policyqa": Reading("reading/policyqa", names_article=True),
    "fairytaleqa": Reading("reading/fairytaleqa", names_article=True),
    "nq": Reading("reading/nq_oracle"),
    "afriqa": Reading("reading/afriqa_en"),
    "selqa": Reading("reading/selqa"),
    "omos": Reading("reading/omos_qa_en"),
    "quoref": Reading("reading/quoref_contrast", names_article=True),
    "hotpot": two_hops,
    "quotesum": quoted_summaries,
}


if __name__ == "__main__":
    sys.exit(main())
