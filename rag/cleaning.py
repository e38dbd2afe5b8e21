"""An article as it was saved → its prose: page furniture out, bylines and dates kept as metadata.

`furniture` judges single lines; here is what their places add. Pages put their furniture at the
head and the foot, so there a line that would not be judged alone goes with its neighbours.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from rag.articles import Article, parse_date
from rag.errors import BadInput
from rag.furniture import (
    BYLINE,
    DATE,
    SECTION,
    SENTENCE_END,
    is_furniture,
    is_headline,
    is_prose,
    is_time,
    is_unfinished,
    points,
)

_INVISIBLE = re.compile(
    r"[\x00-\x08\x0e-\x1f\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff"
    r"\ufff9-\ufffb\ufffe\uffff\ud800-\udfff\U000e0000-\U000e007f]"
)


# "built in 1861[2]": a mark of the page's notes, which an answer's own marks could be taken for
_REFERENCE = re.compile(
    r"(?<=\S)(?:(?:\[(?:\d{1,3}|[a-z]|note \d+|citation needed)\])+|(?: ?\[\d{1,3}\])+)", re.I
)


def clean(article: Article) -> Article:
    """`article` with regular text, no furniture, a title, and the byline and date that it showed.

    The text's paragraphs are separated by one blank line and hold no line break.
    """
    lines = list(_lines(regular(article.text)))
    title = regular(article.title).replace("\n", " ")
    furniture = _furniture([line for line, _ in lines], [apart for _, apart in lines], title)
    kept = [line for (line, _), out in zip(lines, furniture, strict=True) if not out]
    dropped = [line for (line, _), out in zip(lines, furniture, strict=True) if out]
    return replace(
        article,
        title=title or _headline(kept),
        text="\n\n".join(kept),
        author=article.author or next(filter(None, map(_author, dropped)), None),
        published=article.published or next(filter(None, map(_published, dropped)), None),
    )


def regular(text: str) -> str:
    """NFC text with plain spaces and line ends, and nothing that is invisible or reorders it."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = re.sub(r"[\u2028\u2029\x0b\x0c\x85]", "\n", text)
    text = unicodedata.normalize("NFC", _INVISIBLE.sub("", text))
    text = _REFERENCE.sub("", text)
    return re.sub(r"[^\S\n]+", " ", text).strip()


def _lines(text: str) -> Iterator[tuple[str, bool]]:
    """Paragraphs, and whether a blank line stood before each; hard-wrapped lines are joined."""
    for block in re.split(r"\n\s*\n", text):
        lines = [line.strip() for line in block.split("\n") if line.strip()]
        if _wrapped(lines):
            lines = [" ".join(lines)]
        for at, line in enumerate(lines):
            yield line, at == 0


def _wrapped(lines: list[str]) -> bool:
    """True for lines of one paragraph that a machine broke at some column."""
    if len(lines) < 2:
        return False
    body, width = lines[:-1], max(map(len, lines))
    unfinished = sum(not SENTENCE_END.search(line) for line in body)
    return 40 <= width <= 110 and min(map(len, body)) > 0.6 * width and unfinished * 2 > len(body)


# --- what goes -----------------------------------------------------------------------------------


def _furniture(lines: list[str], apart: list[bool], title: str) -> list[bool]:
    """For each line whether it goes. `apart[i]`: a blank line stands before line i."""
    out = [is_furniture(line) for line in lines]
    times = [i for i, line in enumerate(lines) if is_time(line)]
    for i in times:  # several are a timeline's headings
        out[i] |= len(times) < 3
    _with_headings(lines, apart, out)
    _at_the_ends(lines, out)
    if lines and (lines[0] == title or (not title and is_headline(lines[0]))):
        out[0] = False
    return out


def _with_headings(lines: list[str], apart: list[bool], out: list[bool]) -> None:
    """What stands close under a heading of the page's goes: "Read more" / another headline."""
    for i in range(1, len(lines)):
        heading = out[i - 1] and (
            SECTION.match(lines[i - 1]) or (i > 1 and not apart[i - 1] and out[i - 2])
        )
        if heading and not apart[i] and is_unfinished(lines[i]):
            out[i] = True


def _at_the_ends(lines: list[str], out: list[bool]) -> None:
    """Before the first and after the last paragraph of prose, one furniture line taints others.

    At the head short labels beside it; at the foot all that follows it and is no sentence, and
    sentences that give some signs.
    """
    prose = [i for i, line in enumerate(lines) if not out[i] and is_prose(line)]
    if not prose:
        return
    first, last = prose[0], prose[-1]
    if any(out[1:first]):
        for i in range(1, first):
            label = is_unfinished(lines[i]) and lines[i][-1] not in ",:;–—"
            out[i] |= label and len(lines[i].split()) <= _LABEL_LENGTH
    found = 0
    for i in range(last + 1, len(lines)):
        out[i] |= found > 0 and (is_unfinished(lines[i]) or points(lines[i]) >= _SOME_POINTS)
        out[i] |= found >= _BLOCK
        found += out[i]


_LABEL_LENGTH = 5  # words
_SOME_POINTS = 2
_BLOCK = 2  # so many lines of furniture after the last prose, and nothing more of it is to come


def _headline(lines: list[str]) -> str:
    """The first line, cut to a headline's length at a word."""
    first = lines[0] if lines else ""
    if len(first) <= 150:
        return first
    return first[:150].rsplit(" ", 1)[0] + "…"


def _author(line: str) -> str | None:
    found = BYLINE.fullmatch(line)
    return found["author"] if found else None


_LONGEST_DATELINE = 14  # words: a date in a longer line is a caption's
_DATES_ANOTHER = re.compile(
    r"\b(amended|corrected|clarif|copyright|photo|image|picture|pictured|seen|getty|file)|©", re.I
)


def _published(line: str) -> date | None:
    found = re.search(DATE, line)
    if not found or len(line.split()) > _LONGEST_DATELINE or _DATES_ANOTHER.search(line):
        return None
    try:
        return parse_date(found[0])
    except BadInput:
        return None
