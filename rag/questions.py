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
_BARE_END = (
    rf"{_TO}(?:when|where|why|how|who|whom|by whom|how (?:much|many|long|often)|what for|for what)"
)
_BARE_ENDS = rf"{_BARE_END}(?: and {_BARE_END})?\s*[?.!]*$"
# What begins a question, not a clause such as "how they act": its verb is before its subject.
_ASKS = (
    rf"{_TO}(?:(?:when|where|why|how|what|which|who|whom|whose)(?: \w+){{0,2}}? {_IS}\b|"
    rf"how (?:many|much|old|long|often|far|big|large|tall) |(?:who|what|where|when|why|how)['’]s |"
    rf"who (?!(?:he|she|they|it|we|you|i)\b)[a-z]+|which [a-z]+ [a-z]+|"
    rf"{_IS} (?:he|she|they)\b|(?:is|was|will|would|can|could) it\b)"
)
_LEFT_OUT = rf"who {_IS}(?: not)?[\s?.!]*$"  # … who came and who did not: what he did stands before
_AND = re.compile(
    rf"[,;]? (?:and(?: also|,? if so,?)?|as well as) (?!{_LEFT_OUT})(?={_ASKS}|{_BARE_ENDS})", re.I
)
_LISTED = re.compile(  # who bought it, when, and why
    rf", (?={_BARE_END}(?:,? and {_BARE_END}|, {_BARE_END})+\s*[?.!]*$)", re.IGNORECASE
)
_OPENS = re.compile(rf"(?:{_TO}{_WH}|{_IS})\b", re.I)
_HEAD = rf"{_TO}(?:(?:what|which) [a-z]+|how (?:much|long|old|far|often)|{_WH})"
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|march|april|may|june?|july?|aug(?:ust)?|sept(?:ember)?|"
    r"oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
_TIME = (
    rf"(?:(?:{_DAY} )?{_MONTH}(?: {_DAY})?(?:,? \d{{4}})?|(?:19|20)\d\d|"
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)day)"
)
_TWO = (  # what is asked twice, with one thing and with the other in its place
    re.compile(  # what day and at what time did …
        rf"(?P<head>)(?P<one>{_HEAD}) and (?P<other>{_HEAD})(?P<rest> (?:{_IS}\b|(?-i:[A-Z])).+)",
        re.I,
    ),
    re.compile(  # … say in 2014 and in 2023?
        rf"(?P<head>(?!.*\b(?:between|both|either)\b).+ (?P<to>in|on) )(?P<one>{_TIME}) and "
        rf"(?:(?P=to) |(?=\d{{4}}))(?P<other>{_TIME})"
        r"(?P<rest>(?: (?:about|on|of|to|in|at|for|with) .+)?[?.! ]*)",
        re.I,
    ),
    re.compile(  # when did it begin and end?
        rf"(?P<head>(?i:when (?:do|does|did)) .+ )(?P<one>[a-z]+) and "
        rf"(?P<other>(?!{_WH}\b)[a-z]+)(?P<rest>[?.! ]*)"
    ),
)
# Which of two events was first: each is asked for alone, and who reads compares the dates.
_ORDERED = re.compile(
    r"(?P<aux>did|was|were|had|has) "
    r"(?P<one>(?!.*\b(?:any\w*|some\w*|no(?:body|t)?|ever|an?|appear|testify)\b).+?) "
    r"(?:before or after|after or before|before|(?:sooner|earlier|later) than) "
    rf"(?P<other>(?![\d\W]|noon|midnight|then|christmas|easter|{_TIME}\W*$|"
    r"the (?:start|beginning|end|week\w*|month|year|spring|summer|autumn|winter)\b).+)",
    re.I,
)
_FIRST = re.compile(
    r"(?:which|what)(?: of (?:them|these|those|the two))? (?:came|happened|was|took place) "
    r"(?:first|earlier|later|last)[,:]? (?P<one>.+) or (?P<other>.+?)(?P<aux>)\??",
    re.I,
)
_THE = r"(?:the|an?|his|her|its|their|our|my|[\w-]+['’]s|[\w-]+s['’])"
_CLAUSE = re.compile(r"(?P<who>.+?) (?P<aux>is|are|was|were|has|have|had|did)(?P<rest> .+)?", re.I)
_PASTS = dict(  # of what happens in the news
    pair.split()
    for pair in """
    began begin, ended end, started start, finished finish, opened open, closed close, died die,
    resigned resign, retired retire, arrived arrive, returned return, left leave, came come,
    went go, happened happen, collapsed collapse, crashed crash, exploded explode, sank sink,
    fell fall, broke break, rose rise, won win, lost lose, took take, became become, met meet,
    spoke speak, said say, told tell, called call, gave give, made make, got get, found find,
    fled flee, ran run, sold sell, bought buy, built build, burned burn, burnt burn, shot shoot,
    joined join, moved move, married marry, changed change, appeared appear, escaped escape,
    voted vote
    """.split(",")
)
_ACTED = re.compile(  # the mayor resigned, also the lost boys came home
    rf"(?P<who>(?:{_THE} )?(?!{_THE} )\S+(?: \S+)*?) (?P<verb>{'|'.join(_PASTS)})(?P<rest> .+)?",
    re.I,
)
_WHOSE = r"[A-Z](?:[\w.-]|['’](?!s\b))*"  # a word of a name that owns nothing
_NAME = rf"{_WHOSE}(?: (?:(?:of|de|van|von) )?{_WHOSE})*"
# Kaba, who may have done what Duggan did; a war did not.
_LIKE_HIM = re.compile(rf"(?!.*\b(?:War|Cup|Games|Olympics|Brexit|Covid)\b){_NAME}")
_DOING = re.compile(  # what is not the subject of "Duggan die" and "the bridge closed"
    rf"(?:(?P<name>{_NAME})|(?:(?:the|his|her|its|their) )?"
    r"(?:[A-Z][\w-]+(?: [A-Z][\w-]+)*|[\w-]+)(?= [\w-]+$))"
    r" (?P<done>(?!(?:and|or|of|in)\b|[a-z]+ (?:[A-Z][\w-]+ )+[a-z])[a-z].*)"
)
_NOUN = re.compile(
    rf"(?P<head>{_THE} [\w’'-]+(?: (?!\w+ed\b)[\w’'-]+){{0,2}}?)"
    r"(?: (?:of|in|at|on|for|by|against|between|with) .+)?",
    re.I,
)
_OPENING = re.compile(r"^(?:and|but|so|then|also),? ", re.I)
_MOST_PARTS = 4


def parts_of(question: str) -> tuple[str, ...]:
    """The questions that one is made of, in their order; itself alone where it asks one thing."""
    parts: list[str] = []
    for asked in re.split(r"(?<=\?)\s+", _OPENING.sub("", question.strip(), count=1)):
        if not _OPENS.match(asked):  # what is told before a question belongs to it
            return (question,)
        if ordered := _order_asked(asked):
            parts += _whens(**ordered.groupdict()) or [asked]
        elif two := next(filter(None, (form.fullmatch(asked) for form in _TWO)), None):
            parts += [f"{two['head']}{two[name]}{two['rest']}" for name in ("one", "other")]
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


def _whens(one: str, other: str, aux: str) -> list[str]:
    """When each of two events was; none where that of one cannot be asked in a sentence.

    Of "Did Ann sell the pier before …" the verb is `aux`.
    """
    one, other = one.strip(" ?.!,;"), other.strip(" ?.!,;")
    doing = _DOING.fullmatch(one)
    if doing and doing["name"] and _LIKE_HIM.fullmatch(other):
        other = f"{other} {aux}"
    done = doing["done"] if doing else ""
    asked = [f"when {aux.lower()} {one}" if aux else _when(one), _when(other, done)]
    return asked if all(asked) else []


def _when(event: str, done: str = "") -> str:
    """When something was that is told in a clause or a noun phrase; "" where it is in neither.

    `done` is what is left out behind "before Kaba did".
    """
    if re.search(rf"\b(?:{_WH}|that|because|while)\b|['’]s$", event, re.I):
        return ""
    if clause := _CLAUSE.fullmatch(event):
        rest = clause["rest"] or (f" {done}" if done else "")
        return f"when {clause['aux'].lower()} {clause['who']}{rest}" if rest else ""
    if acted := _ACTED.fullmatch(event):
        return f"when did {acted['who']} {_PASTS[acted['verb'].lower()]}{acted['rest'] or ''}"
    if noun := _NOUN.fullmatch(event):
        are = re.search(r"[^\Wsiu]s$", noun["head"], re.I)
        return f"when {'were' if are else 'was'} {event}"
    return ""


def _as_question(part: str) -> str:
    part = part.strip().rstrip("?.!,; ")
    return f"{part[0].upper()}{part[1:]}?"


# --- what articles say ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Overview:
    """A wish to hear what the articles say. `words`: on what; "" on whatever is there.

    `of_one`: of one article, which the words name, rather than of all that is said on a matter;
    with no words, of what was spoken of last, rather than of all there is.
    """

    words: str
    of_one: bool


_TEXT = (
    r"(?:(?:article|text|story|report|document|piece|news|page|archive|library|collection|file)s?|"
    r"stories)"
)
_THIS = rf"(?:this|it|that|these|those|everything|(?:this|that|these|those|the|my|all the) {_TEXT})"
_ON = rf"(?:the |this |that )?{_TEXT} (?:on|about|of|called|titled|entitled|named|by|from) "
_ASK = r"(?:please |can you |could you |would you |will you )*"
_A_SUMMARY = r"(?:a |an |the )?(?:short |brief |quick )?(?:summary|overview|gist|outline) of"
_OF_ALL = re.compile(
    r"what(?: is|['’]?s) (?:in (?:here|(?:this|your|my) (?:archive|library|collection))|the news)|"
    rf"(?:which|what) {_TEXT} (?:(?:are|is) (?:there|here)|(?:do|have) you (?:have|got))|"
    rf"{_ASK}(?:list|show(?: me)?) (?:all )?(?:of )?(?:the |your |my )?{_TEXT}(?: please)?",
    re.I,
)
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
    rf"(?:{_TEXT} (?:all )?about|(?:article|story))|"
    r"what(?: is|['’]?s) the story|"
    r"what (?:do|does) (?:the|this|these) (?:articles?|story|stories) say",
    re.I,
)
_ON_A_MATTER = re.compile(
    rf"(?:what(?: is|['’]?s) (?:in )?(?:here|there|{_THIS}) (?:about|on)|"
    rf"what (?:do|does|can) (?:you|{_THIS}) (?:have|know|say|tell(?: (?:me|us))?) (?:about|on)|"
    rf"what can you tell (?:me|us) about|"
    rf"{_ASK}tell (?:me|us) (?:something |everything |more |all )?(?:about|on)|"
    rf"what(?: is|['’]?s| has been) (?:being )?(?:said|written) (?:about|on|of)(?!.* by )|"
    rf"(?:which|what) {_TEXT} (?:(?:(?:is|are)(?: there)?|do you have|talks?) (?:about|on)|"
    r"mentions?|covers?|deals? with)|"
    rf"{_ASK}(?:list|show(?: me)?|(?:are|is) there|do you have) "
    rf"(?:all |any )?(?:the |an? )?{_TEXT} (?:about|on|mentioning|that mentions?)) "
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
    if _OF_ALL.fullmatch(asked):
        return Overview("", of_one=False)
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
