"""What a question asks for: a time, a number, a name, one thing or several, yes or no."""

import re

from rag.abbreviations import asked_for, spells

NUMBER = (
    r"[£$€]?\d[\d,.]*\d?(?:\s?(?:%|per cent|percent|million|billion|thousand|hundred|m|bn|years?|"
    r"months?|weeks?|days?|hours?|minutes?|miles?|km|metres?|people))?|\b(?i:one|two|three|four|"
    r"five|six(?:teen|ty)?|seven(?:teen|ty)?|eight(?:een|y)?|nine(?:teen|ty)?|ten|eleven|twelve|"
    r"thirteen|fourteen|fifteen|twenty|thirty|forty|fifty|hundreds?|thousands?|millions?|billions?|"
    r"dozens?|half|none|several|few)\b"
)
TIME = (
    r"\b(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|(?:January|February|March|April|May|June|July|"
    r"August|September|October|November|December|Jan\.|Feb\.|Aug\.|Sept\.|Oct\.|Nov\.|Dec\.)"
    r"(?: \d{1,2}(?:st|nd|rd|th)?)?(?:,? \d{4})?|\d{1,2} (?:January|February|March|April|May|June|"
    r"July|August|September|October|November|December)(?: \d{4})?|[12]\d{3}s?|(?:last|next|this) "
    r"(?:week(?:end)?|month|year|night)|yesterday|today|tomorrow)\b"
)
# What may answer "when": a time by the calendar, or by what else happened then.
WHENEVER = (
    rf"{TIME}|\d|\b(?i:century|centuries|year|month|week(?:end)?|fortnight|day|decade|hour|minute|season|"
    r"spring|summer|autumn|winter|morning|noon|midday|afternoon|evening|night|midnight|dawn|dusk|age|"
    r"era|period|time|quarter|reign|war|dynasty|beginning|start|end|childhood|youth|teens|twenties|"
    r"thirties|forties|fifties|sixties|seventies|eighties|nineties)s?\b|"
    r"\b(?i:when|while|before|after|during|until|till|since|once|prior|upon|following|every|as an?|"
    r"between|at|on|now|then|soon|later|late|earlier|early|recently|never|always|immediately|"
    r"automatically|tonight|overnight|yesterday|today|tomorrow|daily|weekly|monthly|annually|yearly|"
    r"ago|BC|AD|CE|Christmas|Easter|Ramadan|Thanksgiving|New Year|jurassic|middle ages|"
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)days?)\b"
)
NAME = (
    r"\b(?!(?:The|A|An|On|In|At|By|For|It|He|She|They|But|And)\b)(?:[A-Z][\w’'-]*)"
    r"(?:\s(?:of|de|van|the|[A-Z][\w’'-]*)(?=\s|[,.;:”’)]|$))*"
)
_KINDS = (
    (
        r"^\W*(?:(?:and|so|but|since|until|by|from) )?when\b(?!.*\b(?:what|who|which|how|where)\b)|"
        r"\bwhen (?:is|are|was|were|do|does|did|has|have|had|will|would|can|could)\b|\bwhen\W*$|"
        r"\bwhat (?:year|date|day|month|time)\b|\bwhich (?:year|date|day|month)\b",
        WHENEVER,
    ),
    (r"\bhow (many|much|long|old|far|often|large|big|tall|high)\b|what (share|percent)", NUMBER),
    (r"\b(who|whom|whose|where|which (person|man|woman|city|country|town|company))\b", NAME),
)
_YES_NO = re.compile(
    r"([^,?]{1,60}, *)?(is|are|was|were|am|do|does|did|has|have|had|can|could|will|would|should|"
    r"may|might|must)(n['’]t)?\b",
    re.I,
)
_ASKS_ON = re.compile(  # "can you tell me who …"
    r"(can|could|do|would|will) (you|we|i|anyone)\b.*\b(who|what|which|when|where|why|how)\b", re.I
)
_PLURAL = (
    r"(?!(?:is|was|has|does|news|sports|series|gas|lens|means)\b)"
    r"(?:[a-z]+(?<![sui])s|people|men|women|children)\b"
)
_SEVERAL = re.compile(
    rf"\bwhich (?:[a-z]+ )?{_PLURAL}(?! (?:is|was|has|does)\b)|"
    r"\bwhich of (?:the|these|those|his|her|its|their) (?!two\b|.*\b(?:first|last|most|won)\b)"
    rf"(?:[a-z]+ )?{_PLURAL}(?! (?:is|was|has|does)\b)|"
    rf"\bwhat {_PLURAL} (?:are|were|did|do|does|have|has|had|can|could|will|would|should)\b|"
    r"\b(?:what|which) (?:two|three|four|five|six|seven|eight|nine|ten) [a-z]+|"
    r"\b(who|what|which) (are|were|else)\b|\b(name|list) (the|all|some|two|three|four|five)\b|"
    r"(?:^\W*|\b(?:please|you) )(?:give|tell|show) (?:me |us )?(?:all|two|three|four|five)\b"
    r"(?! about\b)|"
    r"\bwho (?:spoke at (?!(?:first|last|least|length|once)\b)|attended\b|took part\b)",
    re.I,
)


def asks_for_several(question: str) -> bool:
    """Whether more than one may be meant: "which towns", but not "which of the towns is".

    Nor "what were the costs", which are one sum.
    """
    return bool(_SEVERAL.search(question)) and not _ONE_SUM.match(question)


_ONE_SUM = re.compile(r"\W*what (?:are|were) the (?:total |overall |full |final )?costs?\b", re.I)


def fits(question: str, words: str) -> float:
    """1 where the words are a date, number or name as asked for, -1 where not, else 0."""
    kind = _kind_asked(question)
    return 0.0 if kind is None else 1.0 if re.search(kind, words) else -1.0


# Besides numbers what may answer "how many".
_SO_MANY = re.compile(
    r"\d|\b(?:an?|no|zero|nobody|none|neither|both|all|every|each|some|single|once|twice|couple|pair|"
    r"twins|many|most|more|fewer|numerous|scores|trillions?|(?:thir|for|fif|eigh)ty)\b",
    re.I,
)
_ONLY_A_TIME = re.compile(rf"(?:(?:in|on|at|by|since|until) )?(?:{TIME}|[\d.,]+)\W*$")


def is_unfit(question: str, words: str, sentence: str) -> bool:
    """Whether words cannot answer, by their form or that of the sentence they stand in.

    Neither has a time where one asks when, or a number where one asks how many; the number is one
    of miles where one asks how many people; the words are but a time where one asks why, or do not
    have the letters of what is to be spelled out.
    """
    if (short := asked_for(question)) and not re.search(r"\bmean\b", question):
        return not spells(short, words)
    if re.match(r"\W*(?:and )?why\b", question, re.I):
        return bool(_ONLY_A_TIME.match(words))
    if _measures_something_else(question, words, sentence):
        return True
    if re.search(r"\bhow old (?:is|was|were|are)\b", question, re.I):
        return not _AGE.search(_FOR_YEARS.sub("", sentence))
    if fits(question, words) >= 0:
        return False
    if _kind_asked(question) == WHENEVER:
        return not re.search(WHENEVER, sentence)
    asks_how_many = re.search(r"\bhow many\b", question, re.I)
    held = re.search(NUMBER, sentence) or _SO_MANY.search(sentence)
    return bool(asks_how_many) and not held


_ONES = "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
_TENS = "(?:twen|thir|for|fif|six|seven|eigh|nine)ty"
_YEARS = rf"(?:\d{{1,3}}|{_ONES}|[a-z]+teen|{_TENS}(?:-[a-z]+)?)"
_AGE = re.compile(  # of somebody, or something
    r"\b(?:year|month|week|day|decade)s?\b|\bold\b|\bage[ds]?\b|\bteens\b|"
    r"\bbirthday\b|\banniversary\b|\bcent(?:enary|uries|ury)\b|genarian\b|"
    rf"\bin (?:his|her|their|its) (?:\d0s|{_TENS[:-1]}ies)\b|"
    rf"[,(] ?{_YEARS}(?= ?[,.;)–—]| and |$)|"
    rf"\b(?:is|was|were|are|at|turn(?:s|ed|ing)?|only|just|now|nearly|almost) {_YEARS}"
    r"(?= ?[,.;)–—]|$| (?:when|at|then|and|in|on|last|this|next|today|now)\b)|"
    r"\b(?:born|built|founded|established|opened|created|formed|completed|erected|constructed|"
    r"dat(?:es?|ed|ing)|since)\b",
    re.I,
)
_FOR_YEARS = re.compile(  # has been mending cycles for 30 years
    r"\b\w+ing\b[^.,;]{0,60} for (?:[\w-]+ ){1,4}(?:years|months|weeks|decades)\b(?! old)", re.I
)
_UNIT = re.compile(
    r"[ -]?(?:mile|kilomet|km\b|met(?:re|er)s?\b|feet\b|foot\b|inch|yard|acre|hectare|pound|dollar|"
    r"euro|rupee|crore|lakh|yen\b|yuan|naira|francs?\b|pesos?\b|cents?\b|tonnes?\b|tons?\b|kilo|"
    r"gram|ounce|lit(?:re|er)|gallon|degree|year|"
    r"month|week|day|hour|minute|seconds\b|million (?:pound|dollar|euro)|p\.?m\b|a\.?m\b)",
    re.I,
)
_HOW_MANY = re.compile(r"\bhow many ((?:[\w-]+ )?[\w-]+)", re.I)


def _measures_something_else(question: str, words: str, sentence: str) -> bool:
    """Whether "how many people" would be answered with miles: every number of the words has a unit.

    A unit that the question names is what it asks for.
    """
    asked = _HOW_MANY.search(question)
    if not asked or _UNIT.search(question[asked.start() :]):
        return False
    at = sentence.find(words)
    found = list(re.finditer(r"[£$€]?\d[\d,.]*\d|[£$€]?\d", words)) if at >= 0 else []
    return bool(found) and all(
        m[0][0] in "£$€" or _UNIT.match(sentence, at + m.end()) for m in found
    )


def _kind_asked(question: str) -> str | None:
    """The pattern of what the question asks for first."""
    found = ((re.search(asking, question, re.I), kind) for asking, kind in _KINDS)
    places = [(match.start(), kind) for match, kind in found if match]
    return min(places)[1] if places else None


def kind_compared(question: str) -> str | None:
    """The same, or a number where a noun or verb asks for one: "what is the price"."""
    return NUMBER if _ASKS_A_MEASURE.search(question) else _kind_asked(question)


_MEASURE = (
    r"(?:price|costs?|number|age|total|amount|sum|size|length|height|weight|width|depth|distance|"
    r"population|capacity|turnout|speed|temperature|percentage|proportion|rate|score|budget|salary|"
    r"rent|fee|fare|toll)"
)
_ASKS_A_MEASURE = re.compile(
    r"\bwhat(?:['’]s| is| was| are| were| will be| would be) "
    r"(?:the|its|his|her|their|[\w-]+(?: [\w-]+){0,3}['’]s?) (?:[a-z-]+ ){0,2}?"
    rf"{_MEASURE}(?=\W*$| (?:of|for|to|in|at|on|per|now|today)\b)|"
    rf"\bwhat {_MEASURE} (?:is|was|are|were|did|do|does|has|have|had|will|would)\b|"
    r"\bwhat (?:did|do|does|will|would|has|have|had|is|was) .*"
    r"\b(?:(?<!\bthe )cost|weigh(?:ed)?|fetch(?:ed)?|(?:sell|sold) for)\b|"
    r"\bhow (?:expensive|heavy|deep|fast|wide|hot|cold)\b",
    re.I,
)


def is_yes_no(question: str) -> bool:
    """Whether yes or no would answer; "red or blue?" asks which."""
    choice = re.search(r"\bor\b(?! not\b)", question)
    return bool(_YES_NO.match(question)) and not choice and not _ASKS_ON.match(question)


def asks_for_an_amount(question: str) -> bool:
    return bool(re.search(r"\bhow (many|much)\b", question, re.I))


def is_one_amount(words: str) -> bool:
    """Whether there is one number that belongs to no date, or "50 to 60"."""
    numbered = re.sub(rf"({NUMBER})(?: ?[-–] ?| to | and )(?={NUMBER})", "", words)
    bare = re.sub(rf"{TIME}|(?<=m)[23]\b", " ", numbered)
    return len(re.findall(NUMBER, bare)) == 1


def asks_for_the_newest(question: str) -> bool:
    """Whether it asks how things are now, or for what came last."""
    return bool(_LATEST.search(question))


def year_asked(question: str) -> int | None:
    found = re.search(r"\b(?:19|20)\d\d\b", question)
    return int(found[0]) if found else None


def asks_of_a_time(question: str) -> bool:
    """Whether it asks for the newest there is, or of some year."""
    return asks_for_the_newest(question) or year_asked(question) is not None


_LATEST = re.compile(
    r"\b(?:latest|newest|most recent|recently|now(?:adays)?\b(?! (?:known|called))|current(?:ly)?|"
    r"at present|so far|today|yesterday|(?<!\bthe )(?:this|last) (?:week(?:end)?|month)(?! of)|"
    r"what(?:['’]s| is) new(?=\W*$| (?:with|in|on|at|about)))\b",
    re.I,
)
