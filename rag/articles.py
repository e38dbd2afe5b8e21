"""A file → an `Article`. One function per format; `FORMATS` says which suffix is read by which."""

import hashlib
import os
import re
import unicodedata
from calendar import monthrange
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from html import unescape
from pathlib import Path, PurePath, PurePosixPath
from typing import Any

from rag.errors import BadInput, SourceUnreadable, printable

# Characters of a Markdown paragraph: its marks are paired in a time that grows with the square of
# its length, and 200 kB of asterisks took 100 s.
_LONGEST_BLOCK = 20_000
MAX_MEGABYTES = 10.0  # 1.6 million words; what is longer is a collection, not an article
OUTSIDE = "a link that leads out of the folder; name what it leads to"
OTHER_KIND = "of another kind"
_LONGEST_LABEL, _LONGEST_SUFFIX = 120, 20  # characters


@dataclass(frozen=True, slots=True)
class Printing:
    """What one source says of an article's text: a wire story has another outlet in each."""

    title: str
    outlet: str | None
    author: str | None
    published: date | None


@dataclass(frozen=True, slots=True)
class Article:
    """One text with what is known about it.

    `sources` are absolute paths (or addresses, or `upload:…` for what came without either), each
    holding this very text. `language` is an ISO 639-1 code, or None when the text is too short to
    tell. `fetched` is in UTC. `reprints` are those of other outlets than the article's own.
    """

    title: str
    text: str
    sources: tuple[str, ...]
    outlet: str | None
    author: str | None
    published: date | None
    language: str | None
    fetched: datetime
    reprints: tuple[Printing, ...] = ()

    @property
    def id(self) -> str:
        """16 hex digits of the text's SHA-256: the same text is the same article."""
        return hashlib.sha256(self.text.encode("utf-8", "surrogatepass")).hexdigest()[:16]

    def to_json(self) -> dict[str, object]:
        return {
            "id": self.id,
            "title": self.title,
            "outlet": self.outlet,
            "author": self.author,
            "published": self.published.isoformat() if self.published else None,
            "language": self.language,
            "sources": list(self.sources),
            "fetched": self.fetched.isoformat(),
            "text": self.text,
        }


def is_address(source: str) -> bool:
    """Whether the source is one of the web."""
    return re.match(r"https?://", source, re.IGNORECASE) is not None


def public_source(source: str) -> str:
    """The source as others may see it: of a path, of whatever system, the last part alone.

    >>> public_source("/home/ada/notes/day 1.txt")
    'day 1.txt'
    """
    return source if is_address(source) else PurePosixPath(source.replace("\\", "/")).name


@dataclass(frozen=True, slots=True)
class Skipped:
    """A path that was met and not read, and why."""

    path: str
    why: str


# --- finding files -----------------------------------------------------------------------------


def find_files(path: Path) -> Iterator[Path | Skipped]:
    """The article files at or below `path`, sorted; what cannot be followed or opened is Skipped.

    Hidden files and folders are passed over, and files of other formats Skipped as OTHER_KIND.
    Links are followed once, and none that leads out of the folder. Raises BadInput when nothing is
    there.
    """
    if not os.path.isdir(path):  # noqa: PTH112  # Path.is_dir raises on a name too long
        if not os.path.lexists(path):
            raise BadInput(f"{printable(str(path))}: no such file or folder; check the path.")
        yield path
        return
    seen: set[tuple[int, int]] = set()
    _unseen(path, seen)
    skipped: list[Skipped] = []

    def denied(error: OSError) -> None:
        skipped.append(Skipped(str(error.filename), error.strerror or "cannot be opened"))

    for folder, names, files in os.walk(path, followlinks=True, onerror=denied):
        here, below = Path(folder), []
        for name in sorted(n for n in names if not n.startswith(".")):
            if _leads_out(here / name, path):
                skipped.append(Skipped(str(here / name), OUTSIDE))
            elif _unseen(here / name, seen):
                below.append(name)
        names[:] = below
        for name in sorted(files):
            if name.startswith("."):
                continue
            if Path(name).suffix.lower() not in FORMATS:
                skipped.append(Skipped(str(here / name), OTHER_KIND))
            elif why := _unreachable(here / name, path):
                skipped.append(Skipped(str(here / name), why))
            elif (here / name).is_file():
                yield here / name
    yield from skipped


def _unreachable(file: Path, top: Path) -> str:
    """Why the file in the folder `top` is not read; empty where it can be."""
    link = os.path.islink(file)  # noqa: PTH114  # Path's own may raise
    if not os.path.exists(file):  # noqa: PTH110
        return "a link that leads nowhere" if link else "out of reach; check who may open it"
    return OUTSIDE if link and _leads_out(file, top) else ""


def _leads_out(path: Path, top: Path) -> bool:
    return not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(top))


def _unseen(folder: Path, seen: set[tuple[int, int]]) -> bool:
    """True the first time a folder is met, by whatever name: a loop of links ends here."""
    try:
        status = folder.stat()
    except OSError:
        return True  # `os.walk` will say that it cannot be opened
    key = (status.st_dev, status.st_ino)
    if key in seen:
        return False
    seen.add(key)
    return True


def whole_path(path: Path | str) -> Path:
    """The path from the root on, without "..", which would make two sources of one file."""
    return Path(os.path.abspath(path))  # noqa: PTH100  # `absolute` keeps "..", `resolve` goes by links


# --- reading one -------------------------------------------------------------------------------


def read_bytes(path: Path, max_megabytes: float = MAX_MEGABYTES) -> bytes:
    """The file's bytes. Raises SourceUnreadable for all that can go wrong, with the remedy."""
    name = str(path)
    check_format(path)
    try:
        name.encode()
        if not path.is_file():
            raise SourceUnreadable(name, "not a file", "name a file or a folder of files")
        check_size(path, path.stat().st_size, max_megabytes)
        return path.read_bytes()
    except UnicodeEncodeError:
        raise SourceUnreadable(
            name.encode("utf-8", "backslashreplace").decode(),
            "its name is not valid UTF-8",
            "rename it",
        ) from None
    except OSError as error:
        why = error.strerror or "cannot be opened"
        raise SourceUnreadable(name, why, "check that you may read it") from error


def check_format(path: PurePath) -> None:
    """Raises SourceUnreadable when no function reads what has such a name."""
    if path.suffix.lower() not in FORMATS:
        remedy = f"save it as one of {', '.join(FORMATS)}"
        raise SourceUnreadable(str(path), "not a format that is read", remedy)


def check_size(path: PurePath, size: int, max_megabytes: float) -> None:
    """Raises SourceUnreadable when `size`, in bytes, is more."""
    if size > max_megabytes * 1e6:
        why = f"larger than {max_megabytes:g} MB"
        raise SourceUnreadable(str(path), why, "split it, or raise --max-megabytes")


def upload_label(name: str) -> str:
    """What the last part of an uploaded file's name says, on one line: to be shown, not opened.

    >>> upload_label("../notes/day 1.txt")
    'day 1.txt'
    """
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    shown = "".join(c for c in " ".join(last.split()) if c.isprintable()).strip(" .")
    if len(shown) > _LONGEST_LABEL:
        suffix = PurePath(shown).suffix[-_LONGEST_SUFFIX:]
        shown = shown[: _LONGEST_LABEL - len(suffix)] + suffix
    return shown or "unnamed.txt"


def read_article(path: PurePath, data: bytes) -> Article:
    """The article that the file's bytes hold, as it came: not yet cleaned.

    Raises SourceUnreadable when it holds no text.
    """
    article = FORMATS[path.suffix.lower()](data, str(path))
    if not any(c.isalnum() for c in article.text):
        raise SourceUnreadable(str(path), "holds no text", "remove it, or save the article again")
    return article


def _from_text(data: bytes, source: str) -> Article:
    fields, text = _front_lines(decode(data, source))
    return _article(text, source, fields)


def _from_markdown(data: bytes, source: str) -> Article:
    fields, text = _front_lines(decode(data, source))
    if heading := re.match(r"\s*# +(\S[^\n]*)", text):
        fields = {"title": _plain(re.sub(r" #+ *$", "", heading[1])).strip(), **fields}
    return _article(_plain(text), source, fields)


def _from_html(data: bytes, source: str) -> Article:
    from trafilatura import bare_extraction, load_html

    tree = load_html(_html_text(data, source))
    if tree is not None:
        drop_hidden(tree)
    page: Any = bare_extraction(
        tree,
        with_metadata=True,
        include_comments=False,
        date_extraction_params={  # no year that the story tells of
            "original_date": True,
            "extensive_search": False,
            "max_date": date.today().isoformat(),
        },
    )
    if page is None or not page.text:
        remedy = "save the page with its text (not only its scripts), or as .txt"
        raise SourceUnreadable(source, "no article text found in the page", remedy)
    found = {
        "title": page.title,
        "outlet": page.sitename,
        "author": page.author,
        "published": page.date,
    }
    lines = (line for line in page.text.split("\n") if not _TABLE_RULE.fullmatch(line))
    return _article("\n".join(lines), source, {k: str(v) for k, v in found.items() if v})


_TABLE_RULE = re.compile(r"\s*\|?(?:\s*:?-+:?\s*\|)+\s*(?:-+)?\s*")
_CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([\w.:-]+)", re.I)
# What browsers read as another charset than the one that is named (the WHATWG's Encoding Standard).
_BROWSERS_NAME = {
    **dict.fromkeys("iso-8859-1 iso8859-1 latin-1 latin1 us-ascii ascii".split(), "cp1252"),
    **dict.fromkeys(("gb2312", "gbk"), "gb18030"),
}


def _html_text(data: bytes, source: str) -> str:
    """The page's text: in UTF-8, as nearly all are, whatever they say; else as they say."""
    found = _CHARSET.search(data[:4096])
    name = found[1].decode("ascii").casefold() if found else ""
    if b"\0" in data or name in ("", "utf-8", "utf8") or name.startswith(("utf-16", "utf-32")):
        return decode(data, source)
    if max(data, default=0) >= 0x80:
        with suppress(UnicodeDecodeError):
            return data.decode("utf-8")
    try:
        return data.decode(_BROWSERS_NAME.get(name, name), "replace")
    except (LookupError, UnicodeError):
        return decode(data, source)


_HIDDEN = re.compile(
    r"(?:^|;)(?:display:none|visibility:hidden|opacity:0*\.?0+(?![.\d])|font-size:0(?![.\d])|"
    r"color:transparent|text-indent:-\d{3}|(?:margin-)?(?:left|top|right):-\d{4}|(?:left|top|right):-\d{3}|"
    r"color:([^;]+);(?:.*;)?background(?:-color)?:\1(?:;|$))"
)
_RULES = re.compile(r"(?:^|(?<=[},]))\s*([.#])([\w-]+)\s*\{([^{}]*)\}")
_MEDIA = re.compile(r"@media([^{}@;]{0,300})\{((?:[^{}@]*\{[^{}]*\})*[^{}@]*)\}", re.I)
_MOST_HIDDEN = 0.5  # of a page's letters: more is a page that its scripts would show
_ENOUGH_SHOWN = 1_500  # letters beside: with so many the rest is not what makes up the page


def drop_hidden(tree: Any) -> None:
    """Takes out of an lxml tree what a browser would not show: it is not what people read."""
    named = {"class": set[str](), "id": set[str]()}
    for style in tree.iter("style"):
        for mark, name, body in _RULES.findall(_MEDIA.sub(_on_screens, style.text or "")):
            if _HIDDEN.search(_squeezed(body)):
                named["class" if mark == "." else "id"].add(name)

    def hidden_by(element: Any) -> str | None:
        style = _squeezed(element.get("style", ""))
        if element.tag == "template" or "hidden" in element.attrib:
            return "hidden"
        if element.get("aria-hidden") == "true":
            return "aria-hidden"
        if _HIDDEN.search(style):
            return style
        classes = named["class"].intersection(element.get("class", "").split())
        return min(classes, default=element.get("id") if element.get("id") in named["id"] else None)

    by: dict[str, list[Any]] = {}
    for element in tree.iter():
        if isinstance(element.tag, str) and (how := hidden_by(element)) is not None:
            by.setdefault(how, []).append(element)
    whole = len(tree.text_content())
    for how, elements in by.items():
        own = [e for e in elements if not any(hidden_by(a) == how for a in e.iterancestors())]
        held = sum(len(e.text_content()) for e in own)
        if held <= _MOST_HIDDEN * whole or whole - held >= _ENOUGH_SHOWN:
            for element in own:
                if element.getparent() is not None:
                    element.drop_tree()


def _on_screens(media: re.Match[str]) -> str:
    """The rules that hold on every screen, and not those of print or of narrow ones."""
    named = {name.strip().casefold() for name in media[1].split(",")}
    return media[2] if named & {"", "all", "screen", "only screen"} else ""


def _squeezed(css: str) -> str:
    return re.sub(r"\s+|!important", "", css.casefold())


def _article(text: str, source: str, fields: dict[str, str]) -> Article:
    try:
        published = parse_date(fields["published"]) if fields.get("published") else None
    except BadInput as error:
        raise SourceUnreadable(source, str(error).rstrip("."), "mend its first lines") from error
    return Article(
        title=fields.get("title") or "",
        text=text,
        sources=(source,),
        outlet=fields.get("outlet") or None,
        author=fields.get("author") or None,
        published=published,
        language=None,
        fetched=datetime.now(UTC).replace(microsecond=0),
    )


FORMATS: dict[str, Callable[[bytes, str], Article]] = {
    ".txt": _from_text,
    ".md": _from_markdown,
    ".html": _from_html,
    ".htm": _from_html,
}


def _front_lines(text: str) -> tuple[dict[str, str], str]:
    """The `title:`, `outlet:`, `author:`, `published:` lines at the top, and the text after them.

    They may stand between two `---` lines, as many Markdown tools write them, and there have the
    names that those tools give them: `date:` for one.
    """
    lines = re.sub(r"\r\n?", "\n", text.lstrip()).split("\n")
    fence = lines[0].strip()
    fenced = fence in ("---", "+++") and any(line.strip() == fence for line in lines[1:])
    said = r"([a-z_]+)\s*[:=]\s*(.*)" if fenced else r"([a-z_]+)\s*:\s*(.*)"
    told = True  # whether each line of the fence says something by its name
    fields: dict[str, str] = {}
    also: dict[str, str] = {}
    at = 1 if fenced else 0
    while at < len(lines):
        line = lines[at].strip()
        found = re.fullmatch(said, line, re.I)
        name = found[1].lower() if found else ""
        value = found[2].strip().strip("\"'") if found else ""
        if name in _FIELDS:
            # some tools have "published: true" in a fence
            if not fenced or name != "published" or _is_day(value):
                fields[name] = value
        elif fenced and name in _ALSO_CALLED and value:
            also.setdefault(_ALSO_CALLED[name], value)
        elif not fenced or line == fence:
            break
        told &= bool(re.match(r"\s*-\s|\s+\S|\s*$|[a-z][\w-]*\s*[:=]", lines[at]))
        at += 1
    if not (fields or also or (fenced and told and at > 1)):
        return {}, text
    return {**_readable(also), **fields}, "\n".join(lines[at + fenced :])


_FIELDS = frozenset("title outlet author published".split())
_ALSO_CALLED = {
    **dict.fromkeys(("date", "pubdate", "publish_date", "published_at"), "published"),
    **dict.fromkeys(("source", "publisher", "publication", "site", "site_name"), "outlet"),
    **dict.fromkeys(("byline", "by", "authors"), "author"),
}


def _readable(fields: Mapping[str, str]) -> dict[str, str]:
    """Without a date that cannot be read: what was not written for us is no reason to refuse."""
    return {n: value for n, value in fields.items() if n != "published" or _is_day(value)}


def _is_day(text: str) -> bool:
    try:
        parse_date(text)
    except BadInput:
        return False
    return True


_UNSHOWN = re.compile(
    r"<!--.*?-->|<(script|style|template)\b.*?</\1\s*>|"
    r"<(\w+)\b[^<>]*(?:\shidden\b|display:\s*none|visibility:\s*hidden|font-size:\s*0\b)[^<>]*>"
    r".*?</\2\s*>",
    re.S | re.I,
)


def _plain(markdown: str) -> str:
    """The words of a Markdown text, a paragraph, heading or list item a line.

    A text with a paragraph longer than any that people write stays as it is.
    """
    from markdown_it import MarkdownIt

    if any(len(block) > _LONGEST_BLOCK for block in re.split(r"\n\s*\n", markdown)):
        return markdown
    markdown = _UNSHOWN.sub("", markdown)
    blocks: list[str] = []
    row: list[str] | None = None  # the cells of the one that is being read
    for token in MarkdownIt().enable("table").parse(markdown):
        if token.type == "tr_open":
            row = []
        elif token.type == "tr_close":
            blocks.append(" | ".join(row or ()))
            row = None
        elif token.type == "inline":
            parts = [p for p in token.children or [] if p.type not in ("html_inline", "image")]
            words = (" " if p.type in ("softbreak", "hardbreak") else p.content for p in parts)
            (blocks if row is None else row).append("".join(words))
        elif token.type in ("fence", "code_block"):
            blocks.append(token.content)
        elif token.type == "html_block":
            blocks.append(unescape(re.sub(r"<[^>]*>", " ", token.content)))
    return "\n\n".join(blocks)


# --- text and dates ----------------------------------------------------------------------------


def decode(data: bytes, source: str) -> str:
    """The text in `data`: UTF-8 or UTF-16, else Windows-1252 or what charset-normalizer finds.

    Raises SourceUnreadable when it is binary, or UTF-8 with broken bytes: a guess there would put
    words into the article that it does not hold.
    """
    text = _read(data, source)
    if _is_noise(text):
        raise _binary(source)
    return text


def _read(data: bytes, source: str) -> str:
    for marks, encoding in _BYTE_ORDER_MARKS.items():
        if data.startswith(marks):
            return _decoded(data, encoding, source)
    if b"\0" in data:
        encoding = "utf-16-le" if data[1::2].count(0) > data[0::2].count(0) else "utf-16-be"
        if max(data[1::2].count(0), data[0::2].count(0)) < len(data) / 8:
            raise _binary(source)
        return _decoded(data, encoding, source)
    if sum(data.count(c) for c in _CONTROL_BYTES) > len(data) / 100:
        raise _binary(source)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        return _decoded_legacy(data, source, error)


_BYTE_ORDER_MARKS = {
    b"\xef\xbb\xbf": "utf-8-sig",
    b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
}
_TEXT_CONTROLS = "\t\n\r\f\x1b\x85"
_CONTROL_BYTES = bytes(set(range(32)) - set(_TEXT_CONTROLS.encode("latin-1")))


def _is_noise(text: str) -> bool:
    """Whether more than one character in a hundred is a control, or stands for nothing at all.

    A tenth of all numbers that two bytes can be do; almost none of those that people write.
    """
    odd = 0
    for c, count in Counter(text).items():
        is_windows = "\x80" <= c <= "\x9f"  # what some program took for Latin-1
        odd_kind = unicodedata.category(c) in ("Cc", "Cn", "Co", "Cs")
        if odd_kind and not is_windows and c not in _TEXT_CONTROLS:
            odd += count
    return odd * 100 > len(text)


def _binary(source: str) -> SourceUnreadable:
    return SourceUnreadable(source, "is binary, not text", "save it as UTF-8 text")


def _decoded(data: bytes, encoding: str, source: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        why = f"is not valid {encoding.upper()} at byte {error.start}"
        raise SourceUnreadable(source, why, "save it as UTF-8 text") from None


def _decoded_legacy(data: bytes, source: str, error: UnicodeDecodeError) -> str:
    high = sum(byte >= 0x80 for byte in data)
    lenient = data.decode("utf-8", "replace")
    if lenient.count("�") * 4 < high:
        why = f"is UTF-8 with broken bytes (the first at byte {error.start})"
        raise SourceUnreadable(source, why, "save it as UTF-8 text again")
    if high * 5 < len(data):
        # Mostly ASCII is a Western text, where guessers take £ for Ł: Windows-1252 holds them all.
        try:
            text = data.decode("cp1252")
        except UnicodeDecodeError:
            text = ""
        if text and all(_western(c) for c in text if ord(c) > 127):
            return text
    from charset_normalizer import from_bytes

    best = from_bytes(data).best()
    if best is None or high * 5 < len(data):
        why = f"is not UTF-8 (byte {error.start}) nor another encoding that can be told"
        raise SourceUnreadable(source, why, "save it as UTF-8 text")
    return str(best)


def _western(c: str) -> bool:
    return c in "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜÝßàáâãäåæçèéêëìíîïñòóôõöøùúûüýÿŒœŠšŽžŸ" or (
        c in "“”‘’„‚‹›–—…•£€¥¢©®™°·«»§½¼¾¹²³´¨¿¡ºª×÷±µ†‡‰ðþ\xa0\xad"
    )


def parse_date(text: str, *, latest: bool = False) -> date:
    """The day that `text` names: 2014-01-08, 8 January 2014, Jan 8 2014, an ISO time.

    A month (2014-01) or a year is its first day, or with `latest` its last. Raises BadInput for
    anything else, 03/04/2014 among it, which is two days.
    """
    text = text.strip()
    found = re.fullmatch(r"(\d{4})(?:-(\d{2}))?", text)
    try:
        if found:
            year, month = int(found[1]), int(found[2] or (12 if latest else 1))
            return date(year, month, monthrange(year, month)[1] if latest else 1)
        return datetime.fromisoformat(text).date()
    except ValueError:
        pass
    words = re.sub(r"(?<=\d)(st|nd|rd|th)\b|[,.]", " ", text, flags=re.I)
    words = re.sub(r"\bSept\b", "Sep", words, flags=re.I)
    words = re.sub(r"^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*\b", " ", words, flags=re.I)
    words = re.sub(
        r"(?<=\d{4})\s+(at\s+)?\d{1,2}(:\d\d)?\s*([ap]\s?m)?( [A-Z]{2,4})?\s*$", " ", words
    )
    for form in ("%d %B %Y", "%d %b %Y", "%B %d %Y", "%b %d %Y"):
        try:
            return datetime.strptime(" ".join(words.split()), form).date()
        except ValueError:
            continue
    raise BadInput(f"{printable(text)!r} is not a date that can be read; write it as 2014-01-31.")


def with_headline(article: Article) -> Article:
    """`article`, with outlet and day of the line under its first, where that says nothing else.

    "The Times, 8 May 2019" is such a line; "Leeds, 8 May 2019" tells the day alone.
    """
    lines = [line.strip() for line in article.text[:_HEAD].splitlines() if line.strip()]
    found = next((m for line in lines[:2] if (m := _PAPER_AND_DAY.fullmatch(line))), None)
    if found is None or len(lines) < 2:
        return article
    outlet = found["outlet"].strip()
    is_paper = bool(_A_PAPER.search(outlet)) and not _NO_PAPER.search(outlet)
    try:
        day = parse_date(found["day"])
    except BadInput:
        return article
    if not (is_paper or outlet.isalpha()) or not _FIRST_DAY <= day <= date.today():
        return article
    return with_details(article, outlet if is_paper else None, day)


_HEAD = 1_000  # characters
_FIRST_DAY = date(1800, 1, 1)
_PAPER_AND_DAY = re.compile(
    r"(?P<outlet>[A-Z][^,|–—:]{1,60}?)(?:,| ?[|–—]| -) *(?:[A-Z][a-z]+day,? )?"
    r"(?P<day>\d{1,2}(?:st|nd|rd|th)? [A-Z][a-z]+\.?,? \d{4}|[A-Z][a-z]+\.? \d{1,2},? \d{4}|"
    r"\d{4}-\d\d-\d\d)"
)
_A_PAPER = re.compile(
    r"\b(?:News|Times|Post|Gazette|Herald|Tribune|Journal|Standard|Observer|Guardian|"
    r"Telegraph|Mail|Express|Star|Chronicle|Courier|Dispatch|Press|Sentinel|Mirror|Record|Echo|"
    r"Argus|Advertiser|Reporter|Review|Today|Daily|Weekly|Independent|Mercury|Globe|Examiner|"
    r"Bulletin|Reuters|BBC|CNN|AP|Magazine|Radio|Sun)\b"
)
_NO_PAPER = re.compile(r"^By\b|\b(?:Release|Breaking|Updated|Published|Posted|Book|Last|Born)\b")


def with_details(article: Article, outlet: str | None, published: date | None) -> Article:
    """`article`, with what it does not say itself filled in."""
    return replace(
        article,
        outlet=article.outlet or outlet,
        published=article.published or published,
    )
