"""What the tests draw from: articles as they come, and libraries of hand-made vectors."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime

import numpy as np
from hypothesis import strategies as st

from rag.articles import Article
from rag.chunking import Chunk
from rag.embedding import Vectors
from rag.library import Library, Status
from rag.llm import Message
from rag.reader import Reader

BRIDGE = "The bridge was closed on Friday. It had leaned since 1990.\n\nAnn Lee said it was safe."

SENTENCES = (
    "Mr Williams said the officers were frustrated.",
    "The bridge was closed on Dec. 1 after the flood.",
    "The U.S. Senate voted 52-48 at 5 p.m. on Tuesday.",
    "“I am not sure,” she said, “that we will.”",
    "He asked: 'Why now?'",
    "Who will pay for it?",
    "It cost £3.5m – more than in 2013!",
    "Zoë Müller paid €40 in the café…",
    "В Москве шёл снег.",
    "東京は雨です。",
    "Good 👍🏽",
    "a line with no end",
    "“Nobody told us",
    "until the end.”",
    "word " * 70 + "ends.",
    "x" * 300,
)

words = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=12)
sentences = st.sampled_from(SENTENCES) | st.lists(words, min_size=1, max_size=30).map(" ".join)
paragraphs = st.lists(sentences, min_size=1, max_size=12).map(" ".join)
texts = st.lists(paragraphs, min_size=1, max_size=8).map("\n\n".join)
titles = st.just("") | st.sampled_from(SENTENCES) | st.lists(words, max_size=60).map(" ".join)


def article(text: str, title: str = "A title", source: str = "/a.txt", **fields: object) -> Article:
    """An article of which only what matters need be said."""
    known = {"outlet": None, "author": None, "published": None, "language": "en"}
    fetched = datetime(2026, 1, 2, tzinfo=UTC)
    return Article(title, text, (source,), fetched=fetched, **{**known, **fields})  # type: ignore[arg-type]


def articles() -> st.SearchStrategy[Article]:
    """Articles with paragraphs, quotes, abbreviations, other scripts, and lines without an end."""
    return st.builds(article, texts, titles)


def unit_vectors(seed: int, count: int, dimension: int) -> Vectors:
    drawn = np.random.default_rng(seed).normal(size=(count, dimension)).astype(np.float32)
    return drawn / np.linalg.norm(drawn, axis=1, keepdims=True)


def store(
    library: Library,
    text: str,
    source: str = "/a.txt",
    *,
    title: str = "A title",
    published: date | None = None,
    outlet: str | None = None,
    parts: Sequence[str] = (),
) -> tuple[str, Status]:
    """Puts a text in, its chunks the `parts` or the whole, with vectors that its words decide."""
    made = article(text, title, source, published=published, outlet=outlet)
    if library.stored(made):
        vectors = np.zeros((0, library.dimension), np.float32)
        return made.id, library.put(made, "fingerprint", [], vectors)
    spans = [(text.index(part), text.index(part) + len(part)) for part in parts or [text]]
    chunks = [Chunk(made.id, a, b, text[a:b]) for a, b in spans]
    vectors = unit_vectors(int(made.id, 16), len(chunks), library.dimension)
    return made.id, library.put(made, "fingerprint", chunks, vectors)


class MockModel:
    """It says one line, as no model of this size can be made to."""

    name = "mock"
    tokens_used = (0, 0)

    def __init__(self, line: str) -> None:
        self.line = line

    def stream(self, messages: Sequence[Message], grammar: str, most: int) -> Iterator[str]:
        yield self.line


class MockReader(Reader):
    """Its checker gives every sentence the same log-odds."""

    def __init__(self, log_odds: float) -> None:
        super().__init__()
        self.log_odds = log_odds

    def support(self, *_: object, **__: object) -> list[float]:
        return [self.log_odds]
