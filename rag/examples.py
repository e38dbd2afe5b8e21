"""Questions that a person could ask of this very library, made from its articles' own sentences.

Each rule takes a sentence of one certain shape and turns it round; what is of no such shape gives
no question. Whether the library answers one is for the caller to see.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from rag.articles import Article
from rag.asking import TIME
from rag.attribution import PERSON, SPEAKS
from rag.chunking import Span, sentences
from rag.library import Library

_ARTICLES = 12
_NEWEST = 60  # among which those of different outlets are looked for
_LONGEST = 80  # characters of a question
_LETTERS = 20_000  # of an article
_LONGEST_SENTENCE = 500  # characters: a longer one is a list, or was made to be slow to search

Question = tuple[str, str]  # its kind, and its words


def example_questions(library: Library, *, most: int = 4) -> list[str]:
    """At most `most` questions, the most promising first; fewer or none where little is found.

    They come from the newest articles, those of different outlets first, and vary in kind.
    """
    articles = library.articles_by_id(_chosen(library)).values()
    found = [list(_questions(a)) for a in articles if a.language in (None, "en")]
    return _varied(found, most)


def _chosen(library: Library) -> list[str]:
    """The ids of the newest articles: each outlet's first, then each one's second, and so on."""
    newest = library.page(limit=_NEWEST).articles
    seen: Counter[str | None] = Counter()
    ranked: list[tuple[int, int, str]] = []
    for place, article in enumerate(newest):
        ranked.append((seen[article.outlet], place, article.id))
        seen[article.outlet] += 1
    return [article_id for _, _, article_id in sorted(ranked)[:_ARTICLES]]


def _varied(found: Sequence[Sequence[Question]], most: int) -> list[str]:
    """Questions from as many articles and of as many kinds as there are, none twice."""
    left = [(n, kind, words) for n, questions in enumerate(found) for kind, words in questions]
    articles: Counter[int] = Counter()
    kinds: Counter[str] = Counter()
    chosen: list[str] = []
    while left and len(chosen) < most:
        article, kind, words = min(left, key=lambda q: articles[q[0]] + kinds[q[1]])
        articles[article] += 1
        kinds[kind] += 1
        chosen.append(words)
        left = [q for q in left if q[2].lower() != words.lower()]
    return chosen


def _questions(article: Article) -> Iterator[Question]:
    """Those of one article, as its sentences come, kind by kind."""
    text = article.text[:_LETTERS]
    own = [text[a:b] for a, b in sentences(text) if b - a <= _LONGEST_SENTENCE]
    for kind, rule in _RULES.items():
        for sentence in own:
            for words in rule(sentence, text):
                if len(words) <= _LONGEST and words.isprintable():
                    yield kind, words


# --- what the rules are made of ------------------------------------------------------------------

_AUX = r"(?:was|were|is|are|has|have|had|will|would|could|should|can|must)"
_NO_SUBJECT = (
    r"(?:who|which|that|what|it|he|she|they|we|you|i|this|there|one|and|or|but|if|when|as|not|"
    r"said|says|told|found|thinks?|knew|knows?|believes?|hopes?|claims?|argues?|means?|shows?|"
    r"suggests?|first|last|only|same|latter|former|other|rest|way|reason|fact|\w+ed|\w+ly)\b"
)
_WORD = rf"(?!{_NO_SUBJECT})[a-z][a-z-]+"
_TITLE = r"(?:Mr|Mrs|Ms|Miss|Dr|Sir|Lord|Lady|Dame|President|Senator|Professor)"
_FULL_NAME = r"[A-Z][\w-]+(?: (?:de |van |von |bin |al-)?[A-Z][\w-]+){1,4}"
_THING = rf"[Tt]he {_WORD}(?: {_WORD}){{0,2}}(?: of the {_WORD})?"
_NOT_A_NAME = re.compile(
    r"\b(?:The|A|An|And|But|Or|So|Yet|In|On|At|By|For|From|To|Of|With|As|If|When|While|After|"
    r"Before|Since|Until|Though|Although|Because|That|This|These|Those|It|He|She|They|We|You|I|"
    r"His|Her|Their|Its|My|Our|Your|What|Who|How|Why|Where|There|Here|Now|Then|Also|However|"
    r"Meanwhile|Later|Earlier|Once|Still|Even|Just|Not|No|Yes|Both|Neither|Another|Some|All|Many|"
    r"Most|One|Two|Three|Last|Next|Story|Continued|Photo|\w+day|January|February|March|April|June|"
    r"July|August|September|October|November|December|Rep|Sen|Gov|Republican|"
    r"Democrat|\w+[’']s?)(?: |$)"
)
# A name after one of these is the end of a longer one, or of another phrase: the head of X, said.
_WITHIN = re.compile(
    r"(?:\b(?:the|an?|of|for|on|and|in|at|from|by|[A-Z]\w*)|(?<!Sen)(?<!Rep)(?<!Gov)(?<!Gen)(?<!Dr)"
    r"(?<!Mr)(?<!Mrs)(?<!Ms)\.|&) $"
)
_OPEN_END = re.compile(
    r"\b(?:the|an?|of|for|on|in|at|from|by|to|until|since|through|and|or|between|with|as|than|about|"
    r"around|before|after|during|more|less|nearly|early|late|that|its|his|her|their)$"
)


def _name_at(sentence: str, span: Span, text: str) -> str | None:
    """The name that stands there, with its first name where the text has one, or its title."""
    name = sentence[slice(*span)]
    if _NOT_A_NAME.search(name) or _WITHIN.search(sentence[: span[0]]):
        return None
    *before, last = name.split()
    if before and not re.fullmatch(_TITLE, before[0]):
        return name
    named: set[str] = {
        longer
        for longer in re.findall(rf"\b[A-Z][\w-]+ {re.escape(last)}\b", text)
        if not re.match(rf"{_TITLE} ", longer) and not _NOT_A_NAME.search(longer)
    }
    if len(named) == 1:
        return named.pop()
    return name if before else None


def _lowered(subject: str) -> str:
    return "the " + subject[4:] if subject.startswith("The ") else subject


# --- the rules -----------------------------------------------------------------------------------

_TOPIC = (
    rf"(?P<topic>{_THING}(?= {_AUX}\b)|[Tt]he {_WORD}(?= (?:who|of|in|on|for|at|with|\w+ed)\b)|"
    rf"(?:the )?{_FULL_NAME}(?= {_AUX}\b))"
)
_SAYS = re.compile(
    rf"\b(?P<who>{PERSON})(?:,[^“”\",]{{1,80}},)? (?:also )?"
    rf"(?!told|asked){SPEAKS}(?: (?:on )?\w+day)?(?: that)?[,:]? [“\"]?{_TOPIC}"
)
_IS_QUOTED = re.compile(rf"^[“\"]{_TOPIC}[^“”\"]*,[”\"] {SPEAKS} (?P<who>{PERSON})")


def _said(sentence: str, text: str) -> Iterator[str]:
    for found in (*_SAYS.finditer(sentence), *_IS_QUOTED.finditer(sentence)):
        who = _name_at(sentence, found.span("who"), text)
        topic = found["topic"]
        if who and not set(who.split()) & set(topic.split()):
            yield f"What did {who} say about {_lowered(topic)}?"


_DID = re.compile(
    rf"(?:^|\. )(?P<who>{PERSON})(?:,[^“”\",]{{1,80}},)? (?:also |has |had )?"
    r"(?P<did>criticised|criticized|accused|praised|defended|condemned|denounced|blamed|attacked|"
    r"endorsed|backed|supported|opposed|welcomed|rejected|dismissed|founded|replaced|defeated)"
    rf" (?P<whom>(?:the )?{_FULL_NAME}|the {_WORD}(?: {_WORD})?)"
    r"(?=[.,;]| (?:for|over|of|after|as|in|on|at|when|by|and|on)\b)"
)


def _who_did(sentence: str, text: str) -> Iterator[str]:
    for found in _DID.finditer(sentence):
        if _name_at(sentence, found.span("who"), text) and not _NOT_A_NAME.search(found["whom"]):
            yield f"Who {found['did']} {found['whom']}?"


_ROLE = (
    r"(?:head|chief|chair\w*|president|director|leader|spokes\w+|professor|lawyer|attorney|senator|"
    r"governor|minister|mayor|editor|economist|analyst|advis[eo]r|member|founder|officer|manager|"
    r"secretary|owner|author|writer|candidate|judge|strategist|executive|expert|fellow|scientist|"
    r"researcher|historian|engineer|teacher|master|Republican|Democrat)"
)
_IS = re.compile(
    rf"\b(?P<who>{_FULL_NAME}), (?:(?:the|an?) (?:[\w’'-]+ ){{0,4}}{_ROLE}\b|who )[^;:“”\"]*,"
)


def _who_is(sentence: str, text: str) -> Iterator[str]:
    for found in _IS.finditer(sentence):
        who = _name_at(sentence, found.span("who"), text)
        if who and not re.match(rf"{_TITLE} \w+$", who):
            yield f"Who is {who}?"


_TURNED = rf"^(?P<subject>{_THING}|The {_FULL_NAME}|{_FULL_NAME}) (?P<aux>{_AUX}) "
_REST = r"(?P<rest>[\w’-]+(?: [\w’-]+){0,6}?)"
_HAPPENED = re.compile(rf"{_TURNED}(?<!has )(?<!have ){_REST}(?: on| in)? (?:{TIME})")
_BECAUSE = re.compile(rf"{_TURNED}{_REST},? (?:because|due to)\b")


def _when(sentence: str, text: str) -> Iterator[str]:
    yield from _turned("When", _HAPPENED.match(sentence))


def _why(sentence: str, text: str) -> Iterator[str]:
    yield from _turned("Why", _BECAUSE.match(sentence))


def _turned(asking: str, found: re.Match[str] | None) -> Iterator[str]:
    if not found or _OPEN_END.search(found["rest"]):
        return
    if found["aux"] in ("was", "were", "is", "are") and re.search(r"\ban?\b", found["rest"]):
        return  # "was a strong leader" is no event
    if not _NOT_A_NAME.search(found["subject"].removeprefix("The ")):
        yield f"{asking} {found['aux']} {_lowered(found['subject'])} {found['rest']}?"


_COUNTED = re.compile(
    r"^(?:(?:All|About|Some|Nearly|Almost|More than|At least|Fewer than|Over|Around|Only|Up to) )?"
    r"(?:\d[\d,]*|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozens of|hundreds of|"
    rf"thousands of) (?P<what>(?:{_WORD} )?{_WORD}s|people|men|women|children) "
    rf"(?P<did>{_AUX} [\w’-]+(?: [\w’-]+)*?)"
    r"(?=[.,;:]| (?:and|but|who|which|when|while|because|as|after|before|since|so|immediately)\b)",
    re.I,
)


def _how_many(sentence: str, text: str) -> Iterator[str]:
    found = _COUNTED.match(sentence)
    if found and "between" not in found["did"]:
        yield f"How many {found['what']} {found['did']}?"


_RULES = {
    "said": _said,
    "did": _who_did,
    "why": _why,
    "many": _how_many,
    "when": _when,
    "is": _who_is,
}
