"""Who does it and to whom it is done: "Ann praised Bob" tells who praised Bob, not who praised Ann.

Told by the order of words about the verb that question and sentence share, as English has it:
subject, verb, object, and the reverse where the verb is passive.
"""

import re
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
    "say said says tell told tells claim claimed add added reply replied respond responded think "
    "answer answered state stated announce announced explain explained argue argued insist "
    "insisted".split()
)
_EACH_OTHER = frozenset(
    stem
    for verb in "meet met marry wed date join divorce play face fight fought debate accompany "
    "resemble equal match succeed follow precede visit".split()
    for stem in stems(verb)
)
_BETWEEN = frozenset(  # what may stand between a subject and its verb
    "also then later has had have not never already again first finally even still once all both "
    "did does do will would could can should must may might reportedly publicly".split()
)
_BEING = frozenset("is are was were be been being get gets got".split())
_OTHERS = frozenset("he she they it we i who that which whom".split())
_TITLES = frozenset(
    "mr mrs ms miss sir dr dame lord lady president minister prime secretary senator the a an of "
    "and chief king queen prince princess pope judge mayor governor professor".split()
)


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


def swapped(question: str, sentence: str) -> bool:
    """Whether the sentence gives the one asked about the other part in what was done.

    False wherever that is not plain: the verb is another, or neither is by name beside it.
    """
    tokens = _tokens(sentence)
    asked = _asked(question, tokens)
    if asked is None:
        return False
    named = [i for i, t in enumerate(tokens) if t.lower() in asked.names and t[0].isupper()]
    if asked.role == "agent" and asked.verb in _SAY:
        return bool(named) and _another_speaks(tokens, named)
    verb = stems(asked.verb)
    if verb[0] in _EACH_OTHER:
        return False
    verbs = [i for i, t in enumerate(tokens) if t.islower() and stems(t) == verb]
    if asked.role == "agent":
        return bool(named and verbs) and all(_is_acted_on(tokens, at, named) for at in verbs)
    if not named:
        return bool(verbs) and all(_has_another_object(tokens, at, asked.phrase) for at in verbs)
    return bool(verbs) and all(_acts(tokens, at, named) for at in verbs)


def answers_itself(question: str, words: str, sentence: str) -> bool:
    """Whether the words name the very one that a "who" is asked about.

    "Sir Mark Rowley" does not say who supports Rowley, where no other Rowley is in the sentence.
    """
    if not re.match(r"who(m|se)?\b", question, re.I) or _IDENTITY.match(question):
        return False
    said, asking = _tokens(words), _tokens(question)
    if not said or not all(t[0].isupper() for t in said if t[0].isalnum()):
        return False
    name = said[-1].lower()
    places = [i for i, token in enumerate(asking) if token.lower() == name]
    if not places or name in _TITLES:
        return False
    at = places[-1]
    after = asking[at + 1] if at + 1 < len(asking) else "?"
    first = asking[at - 1]
    other = first[0].isupper() and at > 1 and first.lower() not in _TITLES and first not in said
    ends = not after[0].isalnum() or after.lower() in _GOES_ON or _AGENT.match(question)
    alone = sum(token.lower() == name for token in _tokens(sentence)) == 1
    return bool(ends and alone and not other)


@lru_cache(maxsize=4_096)
def _tokens(text: str) -> tuple[str, ...]:
    return tuple(re.sub(r"['’]s$", "", token) for token in _TOKEN.findall(text))


def _asked(question: str, tokens: Sequence[str]) -> Asked | None:
    words = " ".join(question.split()).rstrip("?!. ")
    if found := _PASSIVE.fullmatch(words):
        return _with_names("agent", found[2].split(), found[1], tokens)
    if found := _BY_WHOM.fullmatch(words):
        return _with_names("patient", found[1].split(), found[2], tokens)
    if found := _PATIENT.fullmatch(words):
        return _with_names("patient", found[2].split(), found[1], tokens)
    if not (found := _AGENT.fullmatch(words)):
        return None
    rest = found[1].split()
    known = {stem for token in tokens if token.islower() for stem in content_stems(token)}
    for i, word in enumerate(rest[1:], start=1):
        told = word.lower() in _SAY or (word.islower() and known.intersection(content_stems(word)))
        if told and (asked := _with_names("agent", rest[:i], word.lower(), tokens)):
            return asked
    return None


def _with_names(
    role: Literal["agent", "patient"], phrase: Sequence[str], verb: str, tokens: Sequence[str]
) -> Asked | None:
    """None for an agent of whom the sentence has no name."""
    bare = [re.sub(r"['’]s$|[^\w’'-]+$", "", word).lower() for word in phrase]
    capital = {token.lower() for token in tokens if token[0].isupper()} - _TITLES
    names = tuple(word for word in bare if word in capital)
    if not stems(verb) or (role == "agent" and not names):
        return None
    return Asked(role, tuple(phrase), names, verb)


def _acts(tokens: Sequence[str], verb: int, named: Sequence[int]) -> bool:
    """Whether one of these names is the verb's subject, and none its object.

    So it is, too, where it was done to them and nobody is said to have done it.
    """
    at = verb
    while at > 0 and (tokens[at - 1] in _BETWEEN or tokens[at - 1] in _BEING):
        at -= 1
    return (
        _before(tokens, at) in named
        and "by" not in tokens[verb:]
        and not any(i > verb for i in named)
    )


def _has_another_object(tokens: Sequence[str], verb: int, phrase: Sequence[str]) -> bool:
    """Whether a name follows the verb, and the ones asked about come only after a comma."""
    end = verb + 1
    while end < len(tokens) and tokens[end][0].isupper():
        end += 1
    sought = set(content_stems(" ".join(phrase)))
    places = [i for i, token in enumerate(tokens) if sought.intersection(stems(token))]
    later = bool(places) and places[0] >= end and "," in tokens[end : places[0]]
    return end > verb + 1 and later


def _is_acted_on(tokens: Sequence[str], verb: int, named: Sequence[int]) -> bool:
    """Whether all of these names come after a verb that has another subject."""
    subject = _before(tokens, verb)
    after = all(i > verb for i in named) and "by" not in tokens[verb : named[0]]
    if after and tokens[verb].endswith("ing") and "of" in tokens[verb + 1 : verb + 2]:
        return True  # the shooting of Ann Cole
    passive = any(t in _BEING for t in tokens[max(0, verb - 3) : verb])
    if subject is None or passive or not after:
        return False
    return tokens[subject][0].isupper() or tokens[subject] in _OTHERS


def _before(tokens: Sequence[str], verb: int) -> int | None:
    """The place of the word that the verb's subject ends in; what stands between commas is not."""
    at = verb - 1
    while at >= 0 and (tokens[at] in _BETWEEN or tokens[at].endswith("ly")):
        at -= 1
    if at > 1 and tokens[at] == "," and "," in tokens[:at]:
        at = max(i for i in range(at) if tokens[i] == ",") - 1
    return at if at >= 0 and tokens[at][0].isalnum() else None


def _another_speaks(tokens: Sequence[str], named: Sequence[int]) -> bool:
    """Whether the sentence's first words are another's name with a verb, and these do not speak."""
    start = next((i for i, t in enumerate(tokens) if t[0].isalnum()), 0)
    end = start
    while end < len(tokens) and tokens[end][0].isupper():
        end += 1
    if end < len(tokens) - 2 and tokens[end] == ",":  # the head of …
        closing = next((i for i in range(end + 1, len(tokens)) if tokens[i] == ","), end)
        inside, end = range(end, closing), closing + (closing > end)
        if any(i in inside for i in named):
            return False
    while end < len(tokens) and tokens[end] in _BETWEEN:
        end += 1
    if end == start or end >= len(tokens) or any(i < end for i in named):
        return False
    is_verb = tokens[end] in _SAY or tokens[end].endswith("ed")
    speaking = any(
        t in _SAY for i in named for t in (*tokens[max(0, i - 3) : i], *tokens[i + 1 : i + 3])
    )
    return is_verb and not speaking
