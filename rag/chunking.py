"""An article → chunks: whole sentences, as many as fit the embedding model's window."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, pairwise

from sentencex import get_sentence_boundaries

from rag.articles import Article

CountTokens = Callable[[str], int]
Span = tuple[int, int]

VERSION = 4  # raised when the same text would be cut or cleaned differently
TITLE_TOKENS = 40  # more of a title than this is not put in front of a chunk
_QUOTES = '“”"«»'
_QUOTES_AS_SPACES = str.maketrans(_QUOTES, " " * len(_QUOTES))
_LETTERS_PER_TOKEN = 10  # twice the average of English: prose is never cut by it
_SENTENCE_WORDS = 60  # a longer "sentence" is a quotation of several, or a list


@dataclass(frozen=True, slots=True)
class Chunk:
    """Whole sentences of one article: `article.text[start:end] == text` (characters, half-open)."""

    article_id: str
    start: int
    end: int
    text: str


def sentences(text: str) -> tuple[Span, ...]:
    """The sentences' spans, in order, without the white space around them.

    sentencex keeps a quotation of several sentences whole; one of over 60 words is cut inside.
    """
    return _known_sentences(text) if len(text) <= _SHORT else _found_sentences(text)


def _found_sentences(text: str) -> tuple[Span, ...]:
    found = (_sentences_of(text, start, end) for start, end in paragraphs(text))
    return tuple(chain.from_iterable(found))


# The chunks of articles that are asked about come again and again; whole articles do not.
_SHORT = 4_000  # characters
_known_sentences = lru_cache(maxsize=4_096)(_found_sentences)


def sentence_at(text: str, span: Span) -> Span:
    """The sentence that the span begins in; the span itself where it begins in none."""
    return next((s for s in sentences(text) if s[0] <= span[0] < s[1]), span)


def paragraphs(text: str) -> list[Span]:
    """The spans between blank lines, without the white space around them."""
    found = (m.span() for m in re.finditer(r"\S(?:(?!\n\s*\n).)*", text, re.S))
    return [_stripped(text, *span) for span in found]


def _sentences_of(text: str, start: int, end: int) -> Iterator[Span]:
    for a, b in _boundaries(text, start, end):
        if text.count(" ", a, b) < _SENTENCE_WORDS:
            yield a, b
        else:
            yield from _inside_quotes(text, a, b)


def _inside_quotes(text: str, start: int, end: int) -> Iterator[Span]:
    """The sentences of a quotation, which keep the quote marks that stand at them."""
    bare = text[start:end].translate(_QUOTES_AS_SPACES)
    cuts = [start]
    for at, _ in list(_boundaries(bare, 0, end - start))[1:]:
        cut = start + at
        while text[cut - 1] in _QUOTES:
            cut -= 1
        cuts.append(cut)
    yield from (_stripped(text, a, b) for a, b in pairwise([*cuts, end]))


def _boundaries(text: str, start: int, end: int) -> Iterator[Span]:
    begun: int | None = None
    for found in get_sentence_boundaries("en", text[start:end]):
        a, b = _stripped(text, start + found["start_index"], start + found["end_index"])
        begun = a if begun is None else begun
        if a < b and not _goes_on(text[max(begun, b - 9) : b], text[b : min(end, b + 14)]):
            yield begun, b
            begun = None
    if begun is not None and begun < end:
        yield _stripped(text, begun, end)


def _goes_on(before: str, after: str) -> bool:
    """Whether sentencex ends a sentence that goes on: at "Ms. Hart", or "5 p.m. Sunday"."""
    if not after.strip():
        return False
    if re.search(r"\b(?:Ms|Mx|Messrs|Mme|Mlle)\.$", before):
        return True
    day = r"\s+(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|[A-Z]{2,4})\b"
    return bool(re.search(r"\b[ap]\.m\.$", before) and re.match(day, after))


def _stripped(text: str, start: int, end: int) -> Span:
    part = text[start:end]
    return start + len(part) - len(part.lstrip()), end - len(part) + len(part.rstrip())


def heading(title: str, count_tokens: CountTokens) -> str:
    """As much of the title as stands in front of each chunk: whole words, few tokens."""
    words = title.split()[:TITLE_TOKENS]
    while count_tokens(" ".join(words)) > TITLE_TOKENS:
        words.pop()
    return " ".join(words)


def chunk(article: Article, count_tokens: CountTokens, window: int) -> list[Chunk]:
    """The article's chunks, in order; together they hold all of it but the space between them.

    A chunk's text with the title in front is at most `window` tokens. Paragraphs stay whole where
    they fit, a quotation that runs over several stays together where it fits, and a sentence is
    cut only when it alone is too long.
    """
    room = max(window - count_tokens(heading(article.title, count_tokens)), window // 2)
    text = article.text

    def count(part: str) -> int:
        # A tokenizer takes a "word" of a million letters for one unknown token.
        return max(count_tokens(part), len(part) // _LETTERS_PER_TOKEN)

    pieces = list(_pieces(text, count, room))
    left = sum(tokens for _, tokens in pieces)
    spans: list[Span] = []
    used, goal = 0, 0.0
    for (start, end), tokens in pieces:
        if spans and used + tokens <= room and used + tokens / 2 <= goal:
            spans[-1] = spans[-1][0], end
            used += tokens
        else:
            spans.append((start, end))
            used = tokens
            goal = left / max(1, -(-left // room))  # even: a last one of few words finds nothing
        left -= tokens
    return [Chunk(article.id, start, end, text[start:end]) for start, end in spans]


def _pieces(text: str, count_tokens: CountTokens, room: int) -> Iterator[tuple[Span, int]]:
    """Spans that should not be cut, and their tokens: runs of speech, paragraphs, sentences."""
    for run in _runs(text, paragraphs(text)):
        tokens = count_tokens(text[run[0][0] : run[-1][1]])
        if tokens <= room:
            yield (run[0][0], run[-1][1]), tokens
            continue
        for start, end in run:
            tokens = count_tokens(text[start:end])
            if tokens <= room:
                yield (start, end), tokens
                continue
            for a, b in _sentences_of(text, start, end):
                for span in _fitting(text, a, b, count_tokens, room):
                    yield span, count_tokens(text[span[0] : span[1]])


def _runs(text: str, spans: list[Span]) -> Iterator[list[Span]]:
    """Paragraphs, those of one running quotation together.

    By the usual rule a quotation that goes on opens each paragraph and closes only the last.
    """
    run: list[Span] = []
    for start, end in spans:
        run.append((start, end))
        part = text[start:end]
        if part.count("“") <= part.count("”"):
            yield run
            run = []
    if run:
        yield run


def _fitting(text: str, start: int, end: int, count_tokens: CountTokens, room: int) -> list[Span]:
    """One sentence in pieces of at most `room` tokens, cut at the space nearest the middle."""
    if end - start < 2 or count_tokens(text[start:end]) <= room:
        return [(start, end)]
    middle = (start + end) // 2
    before, after = text.rfind(" ", start + 1, middle), text.find(" ", middle, end - 1)
    cuts = [at for at in (before, after) if at > 0]
    cut = min(cuts, key=lambda at: abs(at - middle)) if cuts else middle
    return [
        span
        for a, b in (_stripped(text, start, cut), _stripped(text, cut, end))
        if a < b
        for span in _fitting(text, a, b, count_tokens, room)
    ]
