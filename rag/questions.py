"""What a question asks for, by its form: several things, what articles say at all, an outlet."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag.stemming import content_stems

_TO = r"(?:(?:in|on|at|for|by|to|from|with|of|since|until) )?"
_WH = r"(?:who|whom|whose|what|when|where|why|how|which)"
_IS = (
    r"(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|shall|should|may|might|must)"
    r"(?:n['’]t)?"
)
_BARE_END = rf"{_TO}(?:when|where|why|how|who|whom|by whom|how (?:much|many|long|often)|what for)"
_BARE_ENDS = rf"{_BARE_END}(?: and {_BARE_END})?\s*[?.!]*$"
# What begins a question, not a clause such as "how they act": its verb is before its subject.
_ASKS = (
    rf"{_TO}(?:(?:when|where|why|how|what|which|who|whom|whose)(?: \w+){{0,2}}? {_IS}\b|"
    rf"how (?:many|much|old|long|often|far|big|large|tall) |"
    rf"who (?!(?:he|she|they|it|we|you|i)\b)[a-z]+|which [a-z]+ [a-z]+)"
)
_AND = re.compile(rf"[,;]? (?:and|and also|as well as) (?={_ASKS}|{_BARE_ENDS})", re.IGNORECASE)
_LISTED = re.compile(  # who bought it, when, and why
    rf", (?={_BARE_END}(?:,? and {_BARE_END}|, {_BARE_END})+\s*[?.!]*$)", re.IGNORECASE
)
_OPENS = re.compile(rf"(?:{_TO}{_WH}|{_IS})\b", re.I)
_HEAD = rf"{_TO}(?:(?:what|which) [a-z]+|how (?:much|long|old|far|often)|{_WH})"
_BOTH = re.compile(  # what day and at what time did …
    rf"(?P<one>{_HEAD}) and (?P<other>{_HEAD})(?P<rest> (?:{_IS}\b|(?-i:[A-Z])).+)", re.I
)
# Which of two events was first: each is asked for alone, and who reads compares the dates.
_ORDERED = re.compile(
    r"(?P<aux>did|was|were|had|has) "
    r"(?P<one>(?!.*\b(?:any\w*|some\w*|no(?:body|t)?|ever|an?)\b).+?) "
    r"(?:before or after|after or before|before|(?:sooner|earlier|later) than) "
    r"(?P<other>(?![\d\W]|noon|midnight|then).+)",
    re.I,
)
_FIRST = re.compile(
    r"(?:which|what)(?: of (?:them|these|those|the two))? (?:came|happened|was|took place) "
    r"(?:first|earlier|later|last)[,:]? (?P<one>.+) or (?P<other>.+?)(?P<aux>)\??",
    re.I,
)
_CLAUSE = re.compile(r"(?P<who>.+?) (?P<aux>is|are|was|were|has|have|had|did) (?P<rest>.+)", re.I)
_OPENING = re.compile(r"^(?:and|but|so|then|also),? ", re.I)
_MOST_PARTS = 4


def parts_of(question: str) -> tuple[str, ...]:
    """The questions that one is made of, in their order; itself alone where it asks one thing."""
    parts: list[str] = []
    for asked in re.split(r"(?<=\?)\s+", _OPENING.sub("", question.strip(), count=1)):
        if not _OPENS.match(asked):  # what is told before a question belongs to it
            return (question,)
        if ordered := _order_asked(asked):
            parts += [_when(ordered["one"], ordered["aux"]), _when(ordered["other"])]
        elif both := _BOTH.fullmatch(asked):
            parts += [f"{both[name]}{both['rest']}" for name in ("one", "other")]
        else:
            parts += _split(asked)
    if not 1 < len(parts) <= _MOST_PARTS:
        return (question,)
    return tuple(_as_question(part) for part in parts)


def _order_asked(asked: str) -> re.Match[str] | None:
    return _ORDERED.fullmatch(asked) or _FIRST.fullmatch(asked)


def asks_order(question: str) -> bool:
    """Whether it asks which of two events was first: one sentence may say it of both."""
    return bool(_order_asked(" ".join(question.split())))


def _split(asked: str) -> list[str]:
    """At each "and" before another question, unless the first one holds a question within."""
    if listed := _LISTED.search(asked):
        ends = re.split(r",? and |, ", asked[listed.end() :])
        pieces = [asked[: listed.start()], *ends]
    else:
        pieces = _AND.split(asked)
    first = pieces[0].split()
    within = re.search(rf"\b{_WH}\b", " ".join(first[2:]), re.I)
    if len(first) < 3 or within or re.search(r"[“”\"‘]|(?:^|\s)'", asked):
        return [asked]
    return pieces


def _when(event: str, aux: str = "") -> str:
    """When something was, that is told in a clause, in a noun phrase, or behind a verb of its own.

    Of "Did Ann sell the pier before …" the verb is `aux`.
    """
    event = event.strip(" ?.!,;")
    if aux:
        return f"when {aux.lower()} {event}"
    if clause := _CLAUSE.fullmatch(event):
        return f"when {clause['aux'].lower()} {clause['who']} {clause['rest']}"
    return f"when {event}" if len(event.split()) > _NOUN_WORDS else f"when was {event}"


_NOUN_WORDS = 3


def _as_question(part: str) -> str:
    part = part.strip().rstrip("?.!,; ")
    return f"{part[0].upper()}{part[1:]}?"


# --- what articles say ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Overview:
    """A wish to hear what the articles say. `words`: on what; "" on whatever is there.

    `of_one`: of one article, which the words name, rather than of all that is said on a matter.
    """

    words: str
    of_one: bool


_TEXT = r"(?:article|text|story|report|document|piece|news|page|archive|library|collection|file)s?"
_THIS = rf"(?:this|it|that|these|those|everything|(?:this|that|these|those|the|my|all the) {_TEXT})"
_ON = rf"(?:the |this |that )?{_TEXT} (?:on|about|of|called|titled|entitled|named|by|from) "
_ASK = r"(?:please |can you |could you |would you |will you )*"
_A_SUMMARY = r"(?:a |an |the )?(?:short |brief |quick )?(?:summary|overview|gist|outline) of"
_OF_ONE = re.compile(
    rf"{_ASK}(?:summari[sz]e|sum up|(?:give (?:me )?|what(?: is|['’]?s) )?{_A_SUMMARY})"
    rf"(?: (?:(?P<this>{_THIS})|(?P<named>{_ON})?(?P<words>.+?)))?(?: for me| please)?",
    re.I,
)
_NO_MATTER = (
    r"(?:of|in|on|to|with|behind|the|this|that|an?|according|at|for|from|by|last|main|full|whole|other|"
    r"next|first|second|third|love|lead|real|same|back|\w+est)\b"
)
_ABOUT = re.compile(
    rf"what(?: is| are|['’]?s) (?:(?P<this>{_THIS})|{_ON}(?P<words>.+?)) (?:all )?about|"
    rf"what(?: is|['’]?s) (?:the|that|this) (?P<of>(?:(?!{_NO_MATTER})[\w’'-]+ ?){{1,3}}) "
    rf"(?:{_TEXT} (?:all )?about|(?:article|story))",
    re.I,
)
_ON_A_MATTER = re.compile(
    rf"(?:what(?: is|['’]?s) (?:in )?(?:here|there|{_THIS}) (?:about|on)|"
    rf"what (?:do|does|can) (?:you|{_THIS}) (?:have|know|say|tell(?: (?:me|us))?) (?:about|on)|"
    rf"what can you tell (?:me|us) about|"
    rf"{_ASK}tell (?:me|us) (?:something |everything |more |all )?(?:about|on)|"
    rf"(?:which|what) {_TEXT} (?:(?:is|are)(?: there)? about|mentions?|deals? with)) "
    rf"(?P<words>.+)",
    re.I,
)


_PRONOUNS = frozenset("it this that these those everything".split())
_A_QUESTION = re.compile(  # within the words: something in particular is asked after all
    rf"^{_WH}\b|[.?!;] |\band {_WH}\b|\b{_IS}\b|"
    r"\b(?:called|titled|named|published|that|who|which)$",
    re.I,
)


def overview_of(question: str) -> Overview | None:
    """What is to be summed up, or None where a question asks for something in particular."""
    asked = " ".join(question.split()).rstrip("?.! ")
    found = _OF_ONE.fullmatch(asked) or _ABOUT.fullmatch(asked) or _ON_A_MATTER.fullmatch(asked)
    if not found:
        return None
    parts = found.groupdict()
    said = parts["words"] or parts.get("of") or ""
    words = said.strip(" “”\"'‘’")
    words = re.sub(r" \([^()]*\)$", "", words)  # a topic that a follow-up was given
    if parts.get("this") or not said or words.lower() in _PRONOUNS:
        return Overview("", of_one=True)
    if _A_QUESTION.search(words) or not content_stems(words):
        return None
    bare = re.sub(rf" {_TEXT}$", "", words, flags=re.I)
    bare = bare if content_stems(bare) else words  # "the library" may be a building
    of_one = found.re is _ABOUT or bool(parts.get("named")) or bare != words
    return Overview(bare, of_one=of_one)


# --- whom it asks -------------------------------------------------------------------------------

_ACCORDING = (
    re.compile(r"according to (?P<outlet>[^,?]+?), (?P<rest>.+)", re.I),
    re.compile(r"(?P<rest>.+?),? according to (?P<outlet>[^,?]+?)[?.! ]*", re.I),
)
_SAYS = re.compile(
    r"what (?:does|do|did|has|have) (?P<outlet>.+?) (?:say|said|write|written|report|reported) "
    r"(?:about|on|of) (?P<rest>.+)",
    re.I,
)
_ITS_ARTICLE = re.compile(
    rf"(?:what(?: is| are|['’]?s) (?P<outlet>.+?)(?:['’]s)? {_TEXT} (?:all )?about|"
    rf"{_ASK}(?:summari[sz]e|sum up) (?P<other>.+?)(?:['’]s)? {_TEXT}(?: for me| please)?)[?.! ]*",
    re.I,
)
WHATEVER = "What is this about?"  # of all that the outlet has


def outlet_of(question: str, outlets: Sequence[str]) -> tuple[str, str | None]:
    """What is asked, and the one of the outlets that alone is to say it; None where none is named.

    "BBC" is the BBC News, where no other outlet begins so.
    """
    asked = _OPENING.sub("", " ".join(question.split()), count=1)
    if own := _ITS_ARTICLE.fullmatch(asked):
        name = re.sub(r"^the ", "", own["outlet"] or own["other"], flags=re.I)
        # "today's news" is no paper's
        outlet = _known(name, outlets) if name[:1].isupper() or " " in name else None
        return (WHATEVER, outlet) if outlet else (question, None)
    for form in (*_ACCORDING, _SAYS):
        if (said := form.fullmatch(asked)) and (outlet := _known(said["outlet"], outlets)):
            rest = said["rest"]
            if form is _SAYS:
                return f"Tell me about {rest.rstrip('?.! ')}.", outlet
            return _as_question(rest), outlet
    return question, None


def _known(name: str, outlets: Sequence[str]) -> str | None:
    wanted = _plain(name)
    found = [o for o in outlets if _plain(o) == wanted]
    found = found or [o for o in outlets if _plain(o).startswith(f"{wanted} ")]
    return found[0] if len(found) == 1 else None


def _plain(outlet: str) -> str:
    return outlet.strip(" .“”\"'").casefold().removeprefix("the ")
