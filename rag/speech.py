"""Whose words are asked for, and the sentences in which they speak.

"What did the mayor say about the bridge?" is answered where the mayor speaks: named beside the
words, by name or by post, or as the "she" of the sentence before, where nobody else can be meant.
"""

import re
from functools import lru_cache

from rag.attribution import SPEAKS, TITLES, is_bare_speech
from rag.chunking import Span, sentences
from rag.stemming import content_stems

# --- what is asked --------------------------------------------------------------------------------

_DOES = r"(?:do|does|did|has|have)"
_WORD = (
    r"(?!(?:not|never|refused?|been|to|do|did|after|before|had|have|when|that|and|or|because|about|of|"
    r"on)\b)[\w’'.-]+"
)
_WHO = rf"(?P<who>{_WORD}(?: of)?(?: {_WORD}){{0,7}}?)"
_WHOM = rf"{_WORD}(?: {_WORD}){{0,3}}?"
_ON = r"(?: (?:about|of|on|over|when|after|in (?:response|reply) to) (?P<what>.{1,200}?))?[?. ]*"
_TO = r"(?: (?:about|to|on) (?P<what>.{1,200}?))?[?. ]*"
_FORMS = tuple(
    re.compile(rf"\W*(?:(?:and|but|so),? )?{form}", re.I)
    for form in (
        rf"what (?:else |exactly )?{_DOES} {_WHO} (?:also )?(?:tell|told) {_WHOM}{_ON}",
        rf"what (?:else |exactly )?{_DOES} {_WHO} (?:also )?(?:say|said|think|thought|claim|argue|"
        rf"warn|complain|reply|explain|suggest)(?: to {_WHOM})?{_ON}",
        rf"how {_DOES} {_WHO} (?:respond|react|reply){_TO}",
        rf"what (?:is|was) {_WHO}['’]s? (?:response|reaction|reply|comments?|views?|opinion){_TO}",
        rf"what (?:is|was) the (?:response|reaction|reply|view|opinion) of {_WHO}{_TO}",
    )
)
_NOBODY = frozenset(
    "he she they it we i you him her them this that these those one ones article articles text "
    "report story paper papers news people anyone anybody someone somebody".split()
)


@lru_cache(maxsize=256)
def asks_what_said(question: str) -> tuple[str, str] | None:
    """Who it is whose words are asked for, and on what ("" where nothing is named), or None.

    >>> asks_what_said("What did the mayor say about the bridge?")
    ('the mayor', 'the bridge')
    """
    asked = re.sub(r" \([^()]*\)(?=\W*$)", "", " ".join(question.split()))
    if len(asked) > _LONGEST:
        return None
    found = next((m for form in _FORMS if (m := form.fullmatch(asked))), None)
    if found is None or found["who"].split()[-1].casefold() in _NOBODY:
        return None
    return found["who"], found["what"] or ""


_LONGEST = 300  # characters of such a question


# --- who speaks -----------------------------------------------------------------------------------

_STRONG = rf"(?:{SPEAKS}|thinks?|thought|argue[sd]|according to)"
_WEAK = (  # which tell somebody's words where there are any
    r"(?:added|wrote|call(?:s|ed)|claimed|describe[sd]|blame[sd]|criticis(?:es|ed)|criticiz(?:es|ed)|"
    r"promise[sd]|admit(?:s|ted)|denie[sd]|suggest(?:s|ed)|apologis(?:es|ed)|apologiz(?:es|ed))"
)
_TELLS = re.compile(rf"\b(?:(?P<weak>{_WEAK})|{_STRONG})\b", re.I)
_NOT_SO = re.compile(
    r"(?:\b(?:be|been|being|is|are|was|were|get|got|never|not|nobody|so)|n['’]t)(?: \w+)? ?$", re.I
)
_HE_SAYS = re.compile(
    rf"\b(?:he|she|they) (?:also |then )?{SPEAKS}\b|{SPEAKS} (?:he|she|they)\b", re.I
)
_CLAUSE = re.compile(r"[“”;:]|\b(?:and|but|that|as|when|while|because|if|after|before|since)\b")
_POST_BEHIND = re.compile(
    r"(?:\b(?:St|Mrs?|Ms|Dr|Prof|Sen|Gov|Rep|Lt|Smt|[A-Z])\.|[^,.;:“”\"]){1,80}"
    r"(?:, (?:a|an|the|its|their|his|her)\b[^,.;:“”\"]{1,80})?"
)
_NO_NAME = frozenset("he she they it we i this that these those but and his her who".split())
_QUOTES = re.compile(r"[“”\"‘]|(?<!\w)'|\bthat\b")


def speaks(who: str, text: str, sentence: Span) -> bool:
    """Whether this is speech of the one who is called so, by name ("Reed") or post ("the coach").

    Where only "she" says it, or nobody is named, the sentence before has to speak of them alone.
    """
    own = text[slice(*sentence)]
    if named := _speakers(own):
        return any(_is_called(who, phrase) for phrase in named)
    said = _HE_SAYS.search(_unquoted(own))
    if not said and not is_bare_speech(text, sentence):
        return False
    start = max(0, sentence[0] - 1_500)
    before = [text[start + a : start + b] for a, b in sentences(text[start : sentence[0]])]
    for one in reversed(before[-_LOOKS_BACK:]):
        if named := _speakers(one):
            return len(named) == 1 and _is_called(who, named[0])
        if _PERSONS.search(_unquoted(one)) or _mentions(who, one):
            return _speaks_of_alone(who, one, said[0] if said else "")
    return False


_LOOKS_BACK = 4  # sentences


def _unquoted(text: str) -> str:
    return re.sub(r"[“\"][^“”\"]*(?:[”\"]|$)", "“”", text)


def _speakers(sentence: str) -> list[str]:
    """Of "Ann Reed, its head, said …" and "“…”, said Ann Reed" who speaks, with what they are."""
    found = []
    told = _unquoted(sentence)
    last = 0
    for m in _TELLS.finditer(told):
        lead = told[max(last, m.start() - 160) : m.start()]
        last = m.end()
        if _NOT_SO.search(lead) or (m["weak"] and not _QUOTES.search(told)):
            continue
        before = _CLAUSE.split(lead)[-1].strip()
        if not before.endswith(","):  # "The plan, Reed said": it is no plan's
            before = before.split(",")[-1]
        behind = _POST_BEHIND.match(told, m.end())
        is_before = before.strip(" ,") and not m[0].casefold().startswith("according")
        phrase = before.strip(" ,") if is_before else (behind[0].strip() if behind else "")
        words = phrase.split()
        if words and not _NO_NAME & {words[0].casefold(), words[-1].casefold()}:
            found += [phrase] if _OPENS_NOUN.match(phrase) else []
    return found


_OPENS_NOUN = re.compile(r"[A-Z]|(?:the|a|an|its|his|her|their|one|two|three)\b")


# --- what somebody is called ----------------------------------------------------------------------

_TITLES = {
    **{title: called for called, titles in TITLES.items() for title in titles},
    **dict.fromkeys("Dr Cllr Councillor Judge Prof Professor Sen Gov Rep".split(), ""),
}
_POSTS = frozenset(_TITLES) | frozenset(
    "President Minister Mayor Captain Coach Chief Commissioner King Queen Prince Pope Bishop "
    "Senator Governor Inspector Sergeant Superintendent General Colonel Secretary Chancellor "
    "Collector Officer".split()
)
_OTHER_POSTS = frozenset("former ex deputy vice shadow assistant prime acting".split())
_OF = re.compile(
    r"\b(?:of|for|from|at|in|on|to|by|with|against|who|whose|which|whom|named|called|aged)\b"
)
_FULL_NAME = r"[A-Z][\w’'-]*[a-z](?: (?:de |van |von |bin |al-)?[A-Z][\w’'-]*[a-z])+"
_PERSONS = re.compile(  # and not what is in, at or of them
    r"(?<![Tt]he )(?<!\bin )(?<!\bat )(?<!\bof )(?<!\bon )(?<!\bto )(?<!near )(?<!from )"
    rf"(?:\b(?:{'|'.join(_TITLES)})\.?(?: [A-Z][\w’'-]+)+|"
    rf"\b(?!(?:The|A|An|On|In|At|By|For|After|When|But|And|As|Last|Police)\b){_FULL_NAME})"
)


def _plain(word: str) -> str:
    return re.sub(r"['’]s?$", "", word.strip(".,")).replace("’", "'").casefold()


def _is_called(who: str, phrase: str) -> bool:
    """Whether a phrase for somebody names this one, or has the post for its head.

    "The minister's aide", "a critic of the minister" and "the former minister" are no minister.
    """
    head, *rest = _OF.split(re.sub(r"^(?:the|a|an)\s+", "", who.strip(), flags=re.I), maxsplit=1)
    wanted = head.split()
    if not wanted or not set(content_stems(" ".join(rest))) <= set(content_stems(phrase)):
        return False
    return any(_is_head(wanted, part) for part in phrase.split(","))


def _is_head(wanted: list[str], part: str) -> bool:
    tokens = _OF.split(part)[0].split()
    owner = max((i for i, t in enumerate(tokens) if re.search(r"(?:['’]s|s['’])$", t)), default=-1)
    tokens = tokens[owner + 1 :]
    last = _plain(wanted[-1])
    place = next((i for i, t in enumerate(tokens) if _plain(t) == last), None)
    if place is None or any(t[:1].islower() for t in tokens[place + 1 :]):
        return False
    before = tokens[place - 1] if place else ""
    if _plain(before) in _OTHER_POSTS and before.casefold() not in " ".join(wanted).casefold():
        return False
    if not wanted[-1][:1].isupper() or len(wanted) < 2 or not before[:1].isupper():
        return True
    first, theirs = wanted[-2].strip("."), before.strip(".")
    if first in _TITLES and theirs in _TITLES:
        return not _TITLES[first] or not _TITLES[theirs] or _TITLES[first] == _TITLES[theirs]
    same = _plain(first) in {_plain(t) for t in tokens}
    return same or bool({first, theirs} & _POSTS)


def _mentions(who: str, sentence: str) -> bool:
    """Whether they are named in the sentence, themselves and not as somebody's or of something."""
    last = re.escape(re.sub(r"['’]s?$", "", who.split()[-1]))
    found = re.search(
        rf"(?<!of )(?<!for )(?<!of the )(?<!for the )(?<!former )(?<!deputy )\b{last}\b(?!['’]s)",
        _unquoted(sentence),
        0 if who.split()[-1][:1].isupper() else re.I,
    )
    return found is not None


def _speaks_of_alone(who: str, sentence: str, pronoun: str) -> bool:
    """Whether the sentence is of them and of no other person, and "he" or "she" may be they."""
    if not _mentions(who, sentence):
        return False
    by_name = who.split()[-1][:1].isupper()
    if not by_name and not set(content_stems(who)) <= set(content_stems(sentence)):
        return False  # "the union woman" is not any woman
    last = _plain(who.split()[-1])
    called = {_TITLES.get(who.split()[0].strip("."), "")}
    for m in _PERSONS.finditer(_unquoted(sentence)):
        words = m[0].split()
        if last not in map(_plain, words):
            return False
        called.add(_TITLES.get(words[0].strip("."), ""))
    called |= {"he", "she"}.intersection(pronoun.casefold().split())
    return not called >= {"he", "she"}


def is_anothers(who: str, sentence: str, article: str) -> bool:
    """Whether a person asked for by name does not speak here, and another named person does.

    False wherever that is not plain: the article does not show them to be a person, or the speaker
    is called by a post, or by less than a name.
    """
    last = re.sub(r"['’]s?$", "", who.split()[-1])
    if family := _FAMILY.search(who):
        last = re.sub(r"['’]s?$", "", family["name"])
        if _KIN.search(sentence):
            return False
    elif not last[:1].isupper() or who.split()[0].casefold() in ("the", "a", "an"):
        return False
    named = _speakers(sentence)
    if not named or _HE_SAYS.search(_unquoted(sentence)):
        return False
    own = {_plain(w) for words in _persons_of(article) if last in words[1:] for w in words}
    if not own:
        return False
    own = (own | {_plain(w) for w in who.split()}) - {t.casefold() for t in _TITLES}
    for phrase in named:
        others = [m[0].split() for m in _PERSONS.finditer(phrase)]
        if not others or any(own.intersection(map(_plain, words)) for words in others):
            return False
    return True


@lru_cache(maxsize=64)  # each candidate of an article asks
def _persons_of(article: str) -> tuple[tuple[str, ...], ...]:
    found = _PERSONS.finditer(article[:_LOOKED_THROUGH])
    return tuple(tuple(m[0].split()) for m in found)


_LOOKED_THROUGH = 50_000  # characters of an article, for who is a person
_FAMILY = re.compile(r"(?P<name>[A-Z][\w’'-]+) (?:family|parents|relatives)$")
_KIN = re.compile(
    r"\b(?:family|relatives?|parents?|mother|father|widow|wife|husband|brother|sister|sons?|"
    r"daughters?|aunt|uncle|cousin|grand\w+|partner)\b(?=[^“”\"]*\bsaid\b)",
    re.I,
)


# --- the words ------------------------------------------------------------------------------------


def words_said(text: str, sentence: Span) -> Span:
    """What a sentence says in quotation marks beside the verb, or behind its "said that"; else all.

    A few words in quotation marks may be but what a thing is called.
    """
    start, end = sentence
    own = text[start:end]
    for quoted in re.finditer(r"[“\"](?P<said>[^“”\"]{8,})", own):
        beside = re.search(rf"{SPEAKS}\W*$", own[: quoted.start()]) or re.match(
            rf"[”\"],? (?:[\w’'.-]+ ){{0,6}}{SPEAKS}\b(?! that)", own[quoted.end() :]
        )
        if beside or 2 * len(quoted["said"]) > len(own):
            return start + quoted.start("said"), start + quoted.end("said")
    said = re.search(rf"\b{SPEAKS}(?: [\w’]+){{0,2}}? that (?P<said>.+?)[.]?$", own, re.S)
    return (start + said.start("said"), start + said.end("said")) if said else sentence


def answer_to(question: str, text: str) -> Span | None:
    """What somebody said who was asked the same: "Asked why it fell, she said that …"."""
    asked = _ASKED.match(question)
    wanted = content_stems(question) if asked else ()
    if not asked or len(wanted) < _FEWEST:
        return None
    for m in _ASKED_AND_SAID.finditer(text):
        same = m["how"].casefold() == asked["how"].casefold()
        denied = bool(_NO.search(m["what"])) == bool(_NO.search(question))
        if same and denied and content_stems(m["what"]) == wanted and not _NO.match(m["said"]):
            return m.span("said")
    return None


_FEWEST = 2  # words in common
_NO = re.compile(
    r"\b(?:not|never|no|nobody|declined|refused)\b|n['’]t\b|(?:he|she|they) did not", re.I
)
_ASKED = re.compile(r"\W*(?P<how>why|how|when|where|what|who)\b", re.I)
_ASKED_AND_SAID = re.compile(
    r"\b[Aa]sked (?:by [^.,]{1,60}, )?(?P<how>why|how|when|where|what|who)\b"
    r"(?P<what>[^.,;“”\"]{1,160}), "
    rf"(?:\b[A-Z]\.|[^.,;“”\"]){{2,80}}? (?:{SPEAKS}|answered) (?:(?:[\w’]+ ){{0,2}}that )?"
    r"(?P<said>[^“”\"]{1,300}?)(?=\.(?:\s|$))"
)
