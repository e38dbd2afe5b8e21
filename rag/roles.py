"""Who does it and to whom it is done: "Ann praised Bob" tells who praised Bob, not who praised Ann.

Told by the order of words about the verb that question and sentence share, as English has it:
subject, verb, object, and the reverse where the verb is passive.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from rag.stemming import content_stems, stems

_TOKEN = re.compile(r"\w[\w’'-]*|[^\w\s]")
_DO = r"(?:did|does|do|has|have|had|will|would|could|can|should|must)(?:n['’]t| not)?"
_BE = r"(?:is|are|was|were|(?:has|have|had) been)"
_AGENT = re.compile(rf"(?:(?:who|whom|whose|what|which|where|when|why|how)\b.*? )?{_DO} (.+)", re.I)
_PATIENT = re.compile(rf"who(?: else| all)? (?!{_BE}\b|{_DO}\b)(?:also )?([a-z]+) (.+)", re.I)
_PASSIVE = re.compile(rf"(?:who|whom|what)(?: else)? {_BE} ([a-z]+) by (.+)", re.I)
_BY_WHOM = re.compile(rf"by (?:whom|who) {_BE} (.+) ([a-z]+)", re.I)
_SAY = frozenset(
    "say said says saying tell told tells claim claimed claims add added reply replied respond "
    "responded think thinks thought answer answered state stated announce announced explain "
    "explained argue argued insist insisted".split()
)
_EACH_OTHER = frozenset(
    stem
    for verb in "meet met marry wed date join divorce play face fight fought debate accompany "
    "resemble equal match succeed follow precede visit".split()
    for stem in stems(verb)
)
_BETWEEN = frozenset(  # what may stand between a subject and its verb
    "also then later has had have not never already again first last finally even still once all "
    "both did does do will would could can should must may might reportedly publicly".split()
)
_BEING = frozenset("is are was were be been being get gets got".split())
_OTHERS = frozenset("he she they it".split())
_TITLES = frozenset(
    "mr mrs ms miss sir dr dame lord lady president minister prime secretary senator the a an of "
    "and chief king queen prince princess pope judge mayor governor professor commissioner".split()
)
_NO_OBJECT = frozenset(  # what ends an object, or shows that the verb has another
    "in on at for to from with by about over after before during against into of as than and or "
    "but that which who whom whose because while when where if so up out off he she they it we i "
    "him her them us me you his its their".split()
)
_OTHER_CLAUSE = frozenset("when after as while before because if once until since".split())
_IDENTITY = re.compile(  # asks who somebody is, or after whom something may be called
    r"who(?: exactly)?(?:['’]s| (?:is|are|was|were)(?! [a-z]+(?:ed|en)? by\b))|.*\bnamed?s?\b|"
    r"who(?: \w+)? (?:found|establish|creat|start|own|buil|design|invent|discover)\w*\b",
    re.I,
)
_GOES_ON = frozenset(
    "in at on for of over after before during by to from with about as and".split()
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the question says of one who acts, or who is acted on.

    `names`, lower case, are those of the phrase for them that the sentence has.
    """

    role: Literal["agent", "patient"]
    phrase: tuple[str, ...]
    names: tuple[str, ...]
    verb: str


def swapped(question: str, sentence: str, words: str = "") -> bool:
    """Whether the sentence gives the one asked about the other part in what was done.

    False wherever that is not plain: the verb is another, or neither is by name beside it. `words`
    are those that would answer.
    """
    tokens = _tokens(sentence)
    asked = _asked(question, tokens)
    if asked is None:
        return False
    named = [i for i, t in enumerate(tokens) if _bare(t) in asked.names and t[0].isupper()]
    if asked.role == "agent" and asked.verb in _SAY:
        return bool(named) and _another_speaks(tokens, named, asked.phrase)
    verb = stems(asked.verb)
    if verb[0] in _EACH_OTHER:
        return False
    verbs = [i for i, t in enumerate(tokens) if t.islower() and stems(t) == verb]
    if asked.role == "agent":
        return bool(named and verbs) and all(_is_acted_on(tokens, at, named) for at in verbs)
    if not named:
        return bool(verbs) and all(_has_another_object(tokens, at, asked.phrase) for at in verbs)
    return bool(verbs) and all(
        _acts(tokens, at, named) or _is_untold(tokens, at, named, _tokens(words)) for at in verbs
    )


def answers_itself(question: str, words: str, sentence: str, article: str) -> bool:
    """Whether the words name the very one that a "who" is asked about.

    "Sir Mark Rowley" does not say who supports Rowley, where no other Rowley is in the article.
    """
    if not re.match(r"who(m|se)?\b", question, re.I) or _IDENTITY.match(question):
        return False
    said, asking = _tokens(words.removesuffix("'s").removesuffix("’s")), _tokens(question)
    if not said or not all(t[0].isupper() for t in said if t[0].isalnum()):
        return False
    name = said[-1]
    places = [i for i, token in enumerate(asking) if token.lower() == name.lower()]
    if not places or name.lower() in _TITLES or _EACH_OTHER.intersection(stems(question)):
        return False
    at = places[-1]
    first, after = asking[at - 1].lower(), asking[at + 1] if at + 1 < len(asking) else "?"
    is_verb = at == 2 or re.fullmatch(_DO, first)
    known = {token.lower() for token in said} | _TITLES
    ends = not after[0].isalnum() or after.lower() in _GOES_ON or _AGENT.match(question)
    alone = sum(token == name for token in _tokens(sentence)) == 1
    if not (ends and alone and (is_verb or first in known)):
        return False  # before the whole article is looked through
    firsts = set(re.findall(rf"\b([A-Z][\w’-]+) {re.escape(name)}\b", article))
    return len({f for f in firsts if f.lower() not in _TITLES}) < 2


def asks_what_was_said(question: str) -> bool:
    """Whether it asks what somebody said: "What did Rowley say about it?"."""
    return bool(_SPOKEN.match(question))


def said_by_another(question: str, speaker: str, sentence: str) -> bool:
    """Whether one named person is asked about, and this sentence is the speech of another.

    "The Met" and a family have others speak for them.
    """
    asked = _SPOKEN.match(question)
    if not asked or asked["who"].lower().startswith(("the ", "a ", "an ")):
        return False
    names = {_bare(w) for w in asked["who"].split() if w[0].isupper()} - _TITLES
    known = {_bare(w) for w in f"{speaker} {sentence}".split()}
    return bool(names) and names.isdisjoint(known)


def done_by_another(question: str, sentence: str) -> bool:
    """Whether one named person's doing is asked of, and here a person of another name does that."""
    asked = _DOES.match(question)
    tokens = _tokens(sentence)
    if not asked or asked["who"].lower().startswith("the "):
        return False
    names = {_folded(_bare(w)) for w in asked["who"].split()} - _TITLES
    if not names or not names.isdisjoint(_folded(_bare(t)) for t in tokens):
        return False
    words = (w for w in asked["rest"].split() if w.lower() not in _BETWEEN)
    verb = stems(next(words, ""))
    places = [i for i, t in enumerate(tokens) if t.islower() and stems(t) == verb]
    return bool(verb and places) and all(_is_person_doing(tokens, at) for at in places)


_DOES = re.compile(
    rf"\W*(?i:who|whom|which \w+|what|when|where|why|how) (?i:{_DO}) "
    r"(?P<who>(?:[A-Z][\w’'-]+\.? ?)+)(?P<rest>[a-z].+)"
)


def _is_person_doing(tokens: Sequence[str], verb: int) -> bool:
    subject = _before(tokens, verb)
    if subject is None or subject == 0 or _is_passive(tokens, verb):
        return False
    return tokens[subject][0].isupper() and tokens[subject - 1][0].isupper()


def _folded(word: str) -> str:
    return unicodedata.normalize("NFKD", word).encode("ascii", "ignore").decode()


def only_speaks(question: str, sentence: str, words: str) -> bool:
    """Whether a doer is asked for, and these words name one who but says something here.

    "Sir Alan Teale said it was a dark day" does not tell who fined the airport.
    """
    if not _WHO_DOES.match(question) or _OPINION.search(question):
        return False
    small = {s for t in _tokens(question) if t[0].islower() for s in content_stems(t)}
    told = [t.lower() for t in _tokens(sentence)]
    if any(t.startswith(stem) for stem in small for t in told):  # its owner tells who owns it
        return False
    at = sentence.find(words)
    before, after = sentence[: max(at, 0)], sentence[at + len(words) :]
    return at >= 0 and bool(_THEN_SAYS.match(after) or _SAYS_BEFORE.search(before))


_WHO_DOES = re.compile(
    r"\W*(?:by )?who(?:m|se)?\b(?!['’]s|(?: \w+)? (?:is|are|was|were) (?!\w+(?:ed|en|ing)\b))", re.I
)
_OPINION = re.compile(  # of these a speaker may be the doer
    r"\b(?:sa(?:y|id|ys)|tell|told|think|thought|critici[sz]|blam|complain|warn|condemn|prais|"
    r"defend|support|oppos|accus|doubt|believ|suggest|call|descri|agre|disagre|welcom|back|disput|"
    r"den(?:y|ied)|confirm|announc|claim|insist|urg|apologi|reveal|explain|comment|reject|spok|"
    r"speak|express|feel|felt|fear|want|hop|notic|argu|predict|expect|admit|admir|attack|question|"
    r"refer|promis|offer|disclos|propos|recommend|mention|interview|remember|recall|regret|voic|"
    r"state|quot|thank|dismiss|challeng|report|represent)\w*",
    re.I,
)
_HAS_SAID = rf"(?:also )?(?:(?:has|have|had) )?(?:{'|'.join(sorted(_SAY))})\b"
_THEN_SAYS = re.compile(rf"(?:,[^“”\",]{{1,80}},)?,? {_HAS_SAID}")
_SAYS_BEFORE = re.compile(rf"{_HAS_SAID} $")
_SPOKEN = re.compile(
    rf"what (?:else )?{_DO} (?P<who>.+?) (?:also )?(?:{'|'.join(sorted(_SAY))})\b", re.I
)


@lru_cache(maxsize=4_096)
def _tokens(text: str) -> tuple[str, ...]:
    return tuple(_TOKEN.findall(text))


def _asked(question: str, tokens: Sequence[str]) -> Asked | None:
    words = " ".join(question.split()).rstrip("?!. ")
    if found := _PASSIVE.fullmatch(words):
        return _with_names("agent", found[2].split(), found[1], tokens)
    if found := _BY_WHOM.fullmatch(words):
        return _with_names("patient", found[1].split(), found[2], tokens)
    if found := _PATIENT.fullmatch(words):
        return _with_names("patient", found[2].split(), found[1], tokens)
    if found := _AGENT.fullmatch(words):
        return _agent_asked(found[1].split(), tokens)
    return None


def _agent_asked(rest: Sequence[str], tokens: Sequence[str]) -> Asked | None:
    """The verb is the word behind the last name that the sentence has too, adverbs left out."""
    whole = _with_names("agent", rest, rest[-1], tokens)
    if whole is None:
        return None
    for i in range(1, len(rest)):
        if _bare(rest[i - 1]) in whole.names and _bare(rest[i]) not in whole.names:
            verb = next((w.lower() for w in rest[i:] if w.lower() not in _BETWEEN), "")
            return _with_names("agent", rest[:i], verb, tokens) if content_stems(verb) else None
    return None


def _bare(word: str) -> str:
    return re.sub(r"['’]s$|[^\w’'-]+$", "", word).lower()


def _with_names(
    role: Literal["agent", "patient"], phrase: Sequence[str], verb: str, tokens: Sequence[str]
) -> Asked | None:
    """None for an agent of whom the sentence has no name."""
    capital = {_bare(token) for token in tokens if token[0].isupper()} - _TITLES
    names = tuple(word for word in map(_bare, phrase) if word in capital)
    if not stems(verb) or (role == "agent" and not names):
        return None
    return Asked(role, tuple(phrase), names, verb)


def _acts(tokens: Sequence[str], verb: int, named: Sequence[int]) -> bool:
    """Whether one of these names is the verb's subject, and none its object."""
    return (
        _before(tokens, verb) in named
        and not _is_passive(tokens, verb)
        and "by" not in tokens[verb:]
        and not any(i > verb for i in named)
    )


def _is_untold(
    tokens: Sequence[str], verb: int, named: Sequence[int], words: Sequence[str]
) -> bool:
    """Whether it was done to them, nobody is said to have done it, and the words say to what end.

    "The port has been accused of hiding what Ann Cole had found" does not tell who accused it.
    """
    at = verb
    while at > 0 and (tokens[at - 1] in _BETWEEN or tokens[at - 1] in _BEING):
        at -= 1
    passive = any(t in _BEING for t in tokens[at:verb]) and _before(tokens, at) in named
    if not (passive and words) or "by" in tokens[verb:] or any(i > verb for i in named):
        return False
    size = len(words)
    place = next((i for i in range(verb, len(tokens)) if tokens[i : i + size] == words), None)
    between = tokens[verb:place]
    return place is not None and all(
        (t[0].isalnum() or t in "“”'\"") and t not in _OTHER_CLAUSE for t in between
    )


def _is_acted_on(tokens: Sequence[str], verb: int, named: Sequence[int]) -> bool:
    """Whether one of these names is the verb's object, and another its subject."""
    if any(i < verb for i in named) or _is_owner(tokens[named[-1]]):
        return False
    if _in_quotes(tokens, verb) != _in_quotes(tokens, named[0]):
        return False
    if tokens[verb].endswith("ing") and "of" in tokens[verb + 1 : verb + 2]:
        between = tokens[verb + 2 : named[0]]  # the shooting of Ann Cole
        return not any(t in _NO_OBJECT or not t[0].isalpha() for t in between)
    subject = _before(tokens, verb)
    if subject is None or _is_passive(tokens, verb) or not _is_object(tokens[verb + 1 : named[0]]):
        return False
    return tokens[subject][0].isupper() or tokens[subject] in _OTHERS


def _is_passive(tokens: Sequence[str], verb: int) -> bool:
    return any(t in _BEING for t in tokens[max(0, verb - 3) : verb])


def _is_owner(name: str) -> bool:
    return name.endswith(("'s", "’s", "s'", "s’"))


def _is_object(between: Sequence[str]) -> bool:
    """Whether a verb's object goes on over these words: titles, names, a few others."""
    return len(between) <= 5 and not any(
        t.lower() in _NO_OBJECT or not t[0].isalpha() for t in between
    )


def _in_quotes(tokens: Sequence[str], place: int) -> bool:
    before = tokens[:place]
    return before.count("“") > before.count("”") or before.count('"') % 2 == 1


def _has_another_object(tokens: Sequence[str], verb: int, phrase: Sequence[str]) -> bool:
    """Whether a person follows the verb, and the ones asked about come in a clause behind."""
    end = verb + 1
    while end < len(tokens) and tokens[end][0].isupper():
        end += 1
    clause = tokens[end + 1] if tokens[end : end + 1] == (",",) and end + 1 < len(tokens) else ""
    sought = set(content_stems(" ".join(phrase)))
    places = [i for i, token in enumerate(tokens) if sought.intersection(stems(token))]
    later = bool(places) and places[0] > end
    return end > verb + 2 and later and (clause == "who" or clause.endswith("ing"))


def _before(tokens: Sequence[str], verb: int) -> int | None:
    """The place of the word that the verb's subject ends in; what stands between commas is not."""
    at = verb - 1
    while at >= 0 and (tokens[at] in _BETWEEN or tokens[at].endswith("ly")):
        at -= 1
    if at > 1 and tokens[at] == "," and "," in tokens[:at]:
        at = max(i for i in range(at) if tokens[i] == ",") - 1
    return at if at >= 0 and tokens[at][0].isalnum() else None


def _another_speaks(tokens: Sequence[str], named: Sequence[int], phrase: Sequence[str]) -> bool:
    """Whether a person whom the sentence begins with speaks, or acts on these, who do not speak.

    "The Met" has others speak for it, and may be in anybody's speech.
    """
    if len(phrase) > 1 and phrase[0].lower() == "the" and phrase[1][0].isupper():
        return False
    end = start = next((i for i, t in enumerate(tokens) if t[0].isalnum()), 0)
    while end < len(tokens) and tokens[end][0].isupper():
        end += 1
    if end < len(tokens) - 2 and tokens[end] == ",":  # the head of …
        end = next((i + 1 for i in range(end + 1, len(tokens)) if tokens[i] == ","), end)
    while end < len(tokens) and tokens[end] in _BETWEEN:
        end += 1
    if end == start or end >= len(tokens) or any(i < end for i in named):
        return False
    if _is_owner(tokens[named[-1]]):
        return False
    if any(t in _SAY for t in tokens[end + 1 :]):
        return False  # they, perhaps
    if tokens[end] in _SAY:
        return all(_in_quotes(tokens, i) for i in named)
    return tokens[end].endswith("ed") and _is_object(tokens[end + 1 : named[0]])
