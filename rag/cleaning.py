"""An article as it was saved → its prose: page furniture out, bylines and dates kept as metadata.

`furniture` judges single lines; here is what their places add. Pages put their furniture at the
head and the foot, so there a line that would not be judged alone goes with its neighbours.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import pairwise

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


# "built in 1861[2]": a mark of the page's notes, which an answer's own marks could be taken for.
# But "[W]e will" and "[12] months" are what an editor put into somebody's words.
_REFERENCE = re.compile(
    r"(?:(?<=[\w.,;:!?)”’])|(?<=[\w.,!?][\"']))"
    r"(?:\[(?:\d{1,3}|[a-z]|note \d+|citation needed)\])+(?!\w)|"
    r"(?<=\S) \[\d{1,3}\](?: ?\[\d{1,3}\])*"
    r"(?! (?:years?|months?|weeks?|days?|hours?|minutes?|people|men|women|children|times|per cent|"
    r"percent|thousand|million|billion|pounds|dollars|euros|miles|metres)\b)",
    re.I,
)


def clean(article: Article) -> Article:
    """`article` with regular text, no furniture, a title, and the byline and date that it showed.

    The text's paragraphs are separated by one blank line and hold no line break.
    """
    lines = list(_lines(regular(article.text)))
    title = regular(article.title).replace("\n", " ")
    furniture = _furniture([line for line, _ in lines], [apart for _, apart in lines], title)
    kept = [line for (line, _), out in zip(lines, furniture, strict=True) if not out]
    prose = [i for i, (line, _) in enumerate(lines) if is_prose(line)]
    begins = min((prose[:2] or [len(lines)])[-1], 2 * _HEAD)  # a standfirst may tell of deeds too
    dropped = [
        (i, line) for i, ((line, _), out) in enumerate(zip(lines, furniture, strict=True)) if out
    ]
    head = [line for i, line in dropped if i <= begins]  # what stands below may be of other stories
    dated = [*head, *(line for _, line in dropped[len(head) :] if _POSTED.match(line))]
    dated.sort(key=lambda line: bool(_UPDATED.search(line)))
    return replace(
        article,
        title=title or _headline(kept),
        text="\n\n".join(kept),
        author=article.author or next(filter(None, map(_author, head)), None),
        published=article.published or next(filter(None, map(_published, dated)), None),
    )


def regular(text: str) -> str:
    """NFC text with plain spaces and line ends, and nothing that is invisible or reorders it."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = re.sub(r"[\u2028\u2029\x0b\x0c\x85]", "\n", text)
    text = re.sub(r"[\x80-\x9f]", _windows, text)
    text = unicodedata.normalize("NFC", _INVISIBLE.sub("", text))
    text = _REFERENCE.sub("", text)
    return re.sub(r"[^\S\n]+", " ", text).strip()


def _windows(control: re.Match[str]) -> str:
    """What a control character is that some program took out of a Windows-1252 text as it was."""
    return control[0].encode("latin-1").decode("cp1252", "ignore")


def _lines(text: str) -> Iterator[tuple[str, bool]]:
    """Paragraphs, and whether a blank line stood before each; hard-wrapped lines are joined."""
    for block in re.split(r"\n\s*\n", text):
        lines = [line.strip() for line in block.split("\n") if line.strip()]
        for at, line in enumerate(_unwrapped(lines)):
            yield line, at == 0


def _unwrapped(lines: list[str]) -> list[str]:
    """Lines that a machine broke at some column in one, words that it divided whole again."""
    width = max(map(len, lines), default=0)
    pairs = list(pairwise(lines))
    full = [len(a) + 1 + len(b.split()[0]) > width for a, b in pairs]
    inner = pairs[1:] if full and not full[0] else pairs  # a headline may stand above
    unfinished = sum(not SENTENCE_END.search(a) for a, _ in inner)
    if (
        width not in _COLUMN
        or not any(b[:2].islower() for _, b in pairs)
        or 2 * sum(full) <= len(inner)
        or 2 * unfinished < len(inner)
    ):
        return lines
    joined = lines[:1]
    for (last, line), is_full in zip(pairs, full, strict=True):
        goes_on = line[:2].islower() and len(last) > 0.6 * width and not SENTENCE_END.search(last)
        if _ITEM.match(line) or not (is_full or goes_on):
            joined.append(line)
        elif line[0].islower() and (divided := re.search(r"(\w+)-$", last)):
            parts = divided[0] + re.split(r"\W", line)[0]
            is_hyphened = divided[1].casefold() in _HYPHENED or any(parts in line for line in lines)
            joined[-1] = joined[-1].removesuffix("" if is_hyphened else "-") + line
        else:
            joined[-1] += f" {line}"
    return joined


_HYPHENED = frozenset(  # what goes before a hyphen at any place
    """
    well long short two three four five six seven eight nine ten one twenty thirty forty fifty sixty
    seventy eighty ninety high low self non ex co half full part so anti pre post mid first second
    third late early left right far hard large small big old new best ill cross all ever much many
    multi semi north south east west vice face back door year day night time full over under life
    """.split()
)
_COLUMN = range(30, 120)  # characters of the longest line of what was wrapped
_ITEM = re.compile(r"[-•*–·] |\d+[.)] |\d{1,2}[.:]\d\d\b|[A-Z][A-Z .'’-]+: ")


# --- what goes -----------------------------------------------------------------------------------


def _furniture(lines: list[str], apart: list[bool], title: str) -> list[bool]:
    """For each line whether it goes. `apart[i]`: a blank line stands before line i."""
    out = [is_furniture(line) for line in lines]
    bare = [i for i, line in enumerate(lines[:_HEAD]) if not (i and out[i]) and is_headline(line)]
    times = [i for i, line in enumerate(lines) if is_time(line)]
    for i in times:  # several are a timeline's headings
        out[i] |= len(times) < 3
    _with_headings(lines, apart, out)
    _at_the_ends(lines, out)
    if lines and lines[0] == title:
        out[0] = False
    elif not title and bare:  # of "REGIONAL NEWS" and a headline the headline
        is_label = lines[0].isupper() and len(lines[0].split()) <= _SECTION_LENGTH
        if is_label and 1 in bare and not lines[1].isupper():
            out[0], out[1] = True, False
        else:
            out[bare[0]] = False
    return out


_SECTION_LENGTH = 2  # words: of more it may be the headline
_HEAD = 4  # lines, among which a headline is


def _with_headings(lines: list[str], apart: list[bool], out: list[bool]) -> None:
    """What stands close under a heading of the page's goes: "Read more" / another headline."""
    under = False
    for i in range(1, len(lines)):
        under = out[i - 1] and not apart[i] and (under or bool(SECTION.match(lines[i - 1])))
        out[i] |= under and is_unfinished(lines[i])


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
        out[i] |= found >= _BLOCK and points(lines[i]) > 0
        found += out[i] and any(c.isalnum() for c in lines[i])  # a line of stars divides


_LABEL_LENGTH = 5  # words
_SOME_POINTS = 2
_BLOCK = 2  # so many lines of furniture after the last prose, and less is enough for the next


def _headline(lines: list[str]) -> str:
    """The first line, cut to a headline's length at a word."""
    first = lines[0] if lines else ""
    if len(first) <= 150:
        return first
    return first[:150].rsplit(" ", 1)[0] + "…"


def _author(line: str) -> str | None:
    found = BYLINE.fullmatch(line)
    return found["author"] if found else None


_POSTED = re.compile(r"\W*(?:first |originally )?(?:published|posted)\b", re.I)
_UPDATED = re.compile(r"\b(?:updated|modified|edited)\b", re.I)
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
