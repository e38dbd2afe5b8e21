"""A follow-up question and what was said before → a question that can be searched alone.

Rules and counted words, no model. A pronoun takes the name it stands for; what is left out is taken
from the question before; a question that leans on the talk in other ways has its topic put behind
it in brackets, which says nothing of how the two hang together. What stands alone is left alone.
No word comes in that was not said, in the question, the history, or a title: but "said that", and
"tell me about" what a correction means.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from rag.answer import Turn
from rag.attribution import TITLES
from rag.chunking import Span, sentences
from rag.facts import names, numbers
from rag.questions import overview_of
from rag.speech import asks_what_said
from rag.stemming import content_stems

_RECENT = 8  # turns that are listened to, and the first
_HEARD = 600  # characters of an earlier question or answer; what is longer leans on nothing
_MOST_WORDS = 25  # of a question that another is completed from
_MOST_NAMED = 7  # words of a name or a noun phrase


def standalone_question(question: str, history: Sequence[Turn]) -> str:
    """The question as it can be searched alone.

    `history` is the conversation so far, oldest first. A rewriting that lost a name or number of
    the question is not made.
    """
    if not history or not question.strip() or len(question) > _HEARD:
        return question
    recent = _recent(history)
    text = _resolved(question, _talk(recent))
    said = (line for turn in recent for line in (*turn.titles, turn.question, turn.answer))
    return text if _is_faithful(text, question, "\n".join(said)) else question


def leans(question: str, history: Sequence[Turn]) -> bool:
    """Whether it goes on with what was said, and can only be understood from that.

    What a correction or a "what about" names is another matter: it does not go on.
    """
    if not history or not question.strip() or len(question) > _HEARD or _turns(question):
        return False
    if is_bare(question) or _pronouns(_bare(question))[0]:
        return True
    talk = _talk(_recent(history))
    return _leans(question, talk) and not (_named(question) or _names_known(question, talk))


def _turns(question: str) -> bool:
    """Whether it turns to something else: "No, I meant the pool", "what about 2015?"."""
    forms = (_INSTEAD, _MEANT, _NOT_BUT)
    return thing_meant(question) is not None or any(f.match(_bare(question)) for f in forms)


def _recent(history: Sequence[Turn]) -> list[Turn]:
    return [*history[:1], *history[1:][-_RECENT:]]


def plainly(question: str) -> str:
    """The question without what only leads to it, and of its topic, where that does.

    >>> plainly("Can you remind me who Nils is, please?")
    'who is Nils?'
    >>> plainly("Back to the clocks - who mends them?")
    'who mends the clocks?'
    """
    asked = " ".join(question.split())
    if not asked or len(asked) > _HEARD:
        return question
    shorter = _THANKS.sub("", _LEADS.sub("", asked, count=1))
    if polite := _TELL_ME.match(shorter):
        shorter = _as_asked(shorter[polite.end() :])
    led = _TOPIC_FIRST.match(shorter)
    if led and _leads(led):
        topic = re.sub(r"^(?:the|that|this|those|these)\b", "the", led["topic"], flags=re.I)
        return _asked_of(topic, led["asked"].rstrip(" ?.!"))
    return question if shorter == asked else shorter


def _leads(led: re.Match[str]) -> bool:
    """Whether what stands before is a topic and no part of a sentence."""
    asked = led["asked"]
    if led["lead"]:
        return not re.match(rf"who (?!{_AUX}\b)", asked, re.I) or led["stop"].strip() in "–—-"
    if led["stop"].strip() in ("–", "—", "-", "--"):
        return True
    whole = re.match(rf"{_WH}(?:['’]s\b| {_AUX}\b)", asked, re.I)
    return bool(led["stop"] == "," and whole and _STANDS_FOR.search(asked))


def _as_asked(clause: str) -> str:
    """Of "who Nils is" a question in the order of one."""
    within = _ASKED_WITHIN.fullmatch(clause.rstrip(" ?.!"))
    if within is None:
        return clause
    rest = f" {within['rest']}" if within["rest"] else ""
    return f"{within['wh']} {within['aux']} {within['who']}{rest}?"


def is_bare(question: str) -> bool:
    """Whether it asks nothing without a question before it: "and when?", "what else?"."""
    bare = _bare(question)
    if not bare:
        return bool(re.search(r"\w", question)) and not _REPLIES.fullmatch(question.strip())
    there = re.fullmatch(rf"(?:in|on|at|near|from|for) {_NAME}", bare)  # but "In Bruges" is a film
    if there and re.match(r"(?:and|but)\b", question.strip(), re.I):
        return True
    return any(p.match(bare) for p in (_BARE, _SURE, _INSTEAD, _SAID_IT, _GOES_ON))


_REPLIES = re.compile(r"(?:ok(?:ay)?|yes|no|thanks|thank you|right|well|hi|hello)\W*", re.I)


def missing(question: str, history: Sequence[Turn]) -> str | None:
    """What the question leans on and nothing before it says, in words; None where nothing is."""
    bare = _bare(question)
    if any(not _was_in_vain(turn) for turn in history):
        return None
    if is_bare(question):
        return "This leans on a question before it, and there is none: ask it whole."
    if _names_of(bare):
        return None
    free = re.search(r"\b(?:he|she|him|his|hers?|they|them|theirs?)\b", bare, re.I)
    if free and _pronouns(bare)[0] & {"he", "she", "they"}:
        many = free[0].lower().startswith("the")
        if not (many and _described(bare[: free.start()])):  # "what may a voter do if they are ill"
            return f"Nothing before says whom “{free[0]}” stands for: ask with the name."
    it = _IT_ALONE.search(bare)
    if it and not (_described(bare[: it.start()]) or _EMPTY_IT.search(bare)):
        return "Nothing before says what “it” stands for: ask with the name."
    return None


def _was_in_vain(turn: Turn) -> bool:
    """Whether it asked nothing, and got nothing."""
    bare = _bare(turn.question)
    return not turn.answer and not _INSTEAD.match(bare) and is_bare(turn.question)


def thing_meant(question: str) -> str | None:
    """What alone is named: "the pool" of "And the pool?", "No, I meant the pool"."""
    corrected = _corrected(question)
    bare = _bare(corrected)
    instead = _INSTEAD.match(bare)
    if not instead and not _OPENING.match(corrected.strip()):
        return None
    thing = _THING.fullmatch(instead[1] if instead else bare)
    if thing is None or any(w in _NO_THING or w.endswith("ed") for w in thing[0].split()[1:]):
        return None
    return thing[0]


_SMALL = r"[^\W\d_A-Z](?:[^\W\d_A-Z]|[’'-])*"  # a word without a capital
_THING = re.compile(rf"(?i:the|his|her|its|their) {_SMALL}(?: (?!and\b){_SMALL}){{0,5}}")


def asks_of_somebody(question: str) -> frozenset[str]:
    """The kinds of pronouns for whom a whole question does not name; none where it names them."""
    if is_bare(question) or _corrected(question) != question or thing_meant(question):
        return frozenset()
    return _pronouns(_bare(question))[0] & {"he", "she", "they"}


def leaves_open_on_what(question: str) -> bool:
    """Whether it asks what is said of "it" or "that", which may be no one thing."""
    return bool(re.search(r" (?:about|on|of|to) (?:it|this|that|them)\W*$", question, re.I))


def may_be_of(kinds: frozenset[str], text: str, standalone: str, question: str) -> bool:
    """Whether a text has such a pronoun, or a name that the question was resolved with."""
    said = _words(text)
    put_in = {w for name in names(standalone) for w in _words(name)} - set(_words(question))
    return any(_CLASS.get(w) in kinds for w in said) or not put_in.isdisjoint(said)


def _bare(question: str) -> str:
    return _OPENING.sub("", question.strip(), count=1).strip(" ?.!")


def _is_faithful(text: str, question: str, said: str) -> bool:
    """Whether it has the names and numbers of the question, and no word that nobody said."""
    meant = _NOT_IT.sub("", _bare(question))
    if wrong := _MEANT.match(meant) or _NOT_BUT.match(meant):
        meant = " ".join(filter(None, (wrong["right"], wrong["asked"])))
    kept = {*names(meant), *numbers(meant)}
    held = {
        *_words(said),
        *_words(question),
        *"the s said that i meant according to tell me about".split(),
    }
    return kept <= {*names(f"- {text}"), *numbers(text), *text.split()} and held >= set(
        _words(text)
    )


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.casefold())


# --- names and noun phrases -----------------------------------------------------------------------

_FUNCTION = frozenset(
    """
    a an the this that these those some any all both each every no none other others another else
    more most much many few several same such own i me my we us our you your he him his she her hers
    it its they them their theirs one ones who whom whose what which when where why how whether if
    and or but nor so than as of in on at by for from to with without about into over under after
    before during since until between among through against within along besides aside like up down
    out off there here then now not also too very ever never just only even still again yet is are
    was were be been being am do does did done has have had having can could will would shall should
    may might must because while although though once first second third next last later early ago
    way long far often old well together apart instead something anything everything nothing someone
    anyone everyone somebody anybody
    """.split()
)
# the words that most often follow "did he" and "was it" in canard_train
_VERBS = frozenset(
    """
    have win won play played get got go went work worked tell told release released make made write
    wrote written say said perform start started receive received find found leave left die died
    stay stayed produce produced study studied become became attend attended take took use used
    marry married join joined begin began move moved come came try tried retire change changed live
    lived know known teach taught meet met fight continue return returned end appear appeared grow
    sell sold break broke lose lost create created want think thought give gave decide decided run
    ran learn help helped feel felt stop hold happen happened cause caused describe explain affect
    respond react fail buy build built raise bring brought call called mean meant include see seen
    look put add lead led keep kept need show shown talk speak spoke recorded signed born based shot
    criticised replaced matter
    """.split()
)
_NO_THING = _VERBS | frozenset(
    """
    is are was were be been do does did has have had can could will would shall should may might
    must who whom whose what which when where why how if that others other rest same one ones never
    not says said
    """.split()
)
_UNNAMED = frozenset(
    """
    january february march april may june july august september october november december monday
    tuesday wednesday thursday friday saturday sunday jan feb mar apr jun jul aug sep sept oct nov
    dec french dutch german greek swiss thai czech iraqi welsh i'm i've i'd i’m i’ve cannotanswer ok
    okay yes former
    """.split()
)
_GIVEN = {  # the commonest, for where nobody has said "he" or "she" yet
    "he": "james john robert michael william david richard joseph thomas charles mark paul george "
    "steven kevin brian edward peter frank henry chris daniel andrew tom tony jack bill joe",
    "she": "mary patricia jennifer linda elizabeth barbara susan jessica sarah karen lisa nancy "
    "margaret anna emma laura maria helen ann anne jane kate alice julia ruth theresa angela",
}
_INITIAL = re.compile(r"\b(?:[A-Z]|Mrs?|Ms|Dr|St|Jr)$")
_ADJECTIVE = re.compile(r"(?:[a-z]ian|[a-z]can|ish|ese)$")
_JOINT = r"(?:(?:of|the|de|van|von|da|di|la|le|del|bin|al|&|and the|for|on) )*"


def _named(text: str) -> list[Span]:
    """Where names stand: words with a capital one after the other, also with "of" between."""
    small = {w for w in re.findall(r"[\w'’-]+", text) if w.islower()}
    common = small | _UNNAMED | _FUNCTION | _VERBS
    known = set(names(text))
    spans: list[Span] = []
    closed = True
    for m in re.finditer(r"[^\W\d_][\w'’&-]*|\d+", text):
        word = re.sub(r"['’]s?$", "", m[0])
        start, end = m.start(), m.start() + len(word)
        between = "" if closed else text[spans[-1][1] : start]
        dot = r"\.? ?" if spans and _INITIAL.search(text[: spans[-1][1]][-4:]) else "[ -]"
        if (
            (word in known or word.isdigit())
            and re.fullmatch(dot + _JOINT, between)
            and not (between.strip() and word.casefold() in _UNNAMED)  # "Melzer on June 10"
            and not (" of " in between and _is_person(text[slice(*spans[-1])]))
            # "Commissioner Sir Mark Rowley" is named from "Sir" on
            and not (_gender(word, given=False) and not text[: start - 1].endswith("Notre"))
        ):
            spans[-1] = (spans[-1][0], end)
        elif word in known and word.casefold() not in common:
            spans.append((start, end))
        else:
            continue
        closed = word != m[0]
    return [(a, b) for a, b in spans if len(text[a:b].split()) <= _MOST_NAMED]


def _is_person(name: str) -> bool:
    """Whether it looks so: "Alan Teague" is whole before "of the University of Exeter"."""
    return len(name.split()) in (2, 3) and not _BODY.search(name) and " of " not in name


@lru_cache(maxsize=1_024)  # each turn hears the talk anew
def _names_of(text: str) -> list[str]:
    named = [text[a:b] for a, b in _named(text) if b - a > 1]
    return [name for name in named if not _ADJECTIVE.search(name)]


def _described(question: str) -> list[Span]:
    """Where noun phrases stand, with the article or possessor before them."""
    spans: list[Span] = []
    start: int | None = None
    end = 0
    for m in re.finditer(r"[^\W_][\w'’-]*|[^\w\s]|$", question):
        word = m[0].casefold()
        if start is not None and not end and word in ("first", "second", "third", "last", "next"):
            continue  # "Ann Cole's first album"
        opens = word in ("the", "a", "an") or word.endswith(("'s", "’s"))
        if (opens or word in _OWNS) and start is not None and end == m.start() - 1:
            end = _before_verb(question, start, end)  # "bought the pier", "Rovers sack their"
        # "officers returned", "who directed it"
        does = (end > 0 or start is None) and word.endswith("ed") and len(word) > 4
        if opens or does or word in _FUNCTION or word in _VERBS or not word[:1].isalnum():
            if start is not None and end > start:
                spans.append((start, end))
            start, end = (m.start() if opens else None), 0
        else:
            start, end = (m.start() if start is None else start), m.end()
    whole = [(a, _before_last_verb(question, a, b)) for a, b in spans]
    return [(a, b) for a, b in whole if len(question[a:b].split()) <= _MOST_NAMED]


def _before_verb(question: str, start: int, end: int) -> int:
    """Where a phrase ends whose last word is a verb: what that does follows it."""
    words = question[start:end].split()
    least = 2 if words[0].casefold() in ("the", "a", "an") else 0
    return end if len(words) <= least else start + len(" ".join(words[:-1]))


def _before_last_verb(question: str, start: int, end: int) -> int:
    """Where "the bridge cost" ends of "How much did the bridge cost?": what it does is last."""
    last = question[start:end].split()[-1]
    did = re.search(r"\b(?:do|does|did)(?:n['’]t)? $", question[:start], re.I)
    whole = last.islower() and " " in question[start:end]
    if not did or not whole or _TIME.sub("", question[end:]).strip(" ?.!"):
        return end
    return _before_verb(question, start, end)


def _gender(name: str, *, given: bool = True) -> str | None:
    """What a title or a given name has the person called: "he" or "she"."""
    first = _words(name)[:1]
    for kind, titles in TITLES.items():
        known = [*map(str.lower, titles), *(_GIVEN[kind].split() if given else ())]
        if first and first[0] in known:
            return kind
    return None


# --- how salient what was spoken of is ------------------------------------------------------------

# Weights by the names restored and the names no person has, on 1,500 questions of canard_train.
_TITLE, _HEADLINE, _ASKED, _SUBJECT, _ANSWERED, _DESCRIBED = 4.5, 0.7, 1.0, 0.5, 0.4, 0.8
_WHO = 2.0  # the answer to a question that asks for somebody
_OWNED = 8.0  # "Ann Cole's first album": more than her, for it alone may be "it"
_FADES = 0.6  # with each turn
_ENOUGH = 0.6  # for what a pronoun stands for
_TOPIC = 1.5  # for what a question is about: at least once asked about


@dataclass(frozen=True, slots=True)
class Mention:
    """Something that was spoken of, and what it has been called by: pronouns, or "person"."""

    text: str
    weight: float
    named: bool = True  # or only described: "the album"
    lasting: float = 0.0  # the weight of a title, which does not fade
    called: frozenset[str] = frozenset()

    @property
    def salience(self) -> float:
        return self.weight + self.lasting


@dataclass(frozen=True, slots=True)
class Talk:
    """What a follow-up may lean on: the last question, as it stands alone, and what was named."""

    mentions: tuple[Mention, ...]
    last: str
    answer: str
    short: str | None = None
    stems: frozenset[str] = frozenset()  # of all that was said


def _talk(recent: Sequence[Turn]) -> Talk:
    titles = list(dict.fromkeys(title for turn in reversed(recent) for title in turn.titles))
    told = "\n".join([*titles, *(turn.answer for turn in recent)])
    common = frozenset(re.findall(r"\b[a-z][\w’'-]+", told))
    talk = _without(common, _opened(titles))
    for turn in recent:
        talk = _without(common, _heard(turn, talk))
    return talk


def _opened(titles: Sequence[str]) -> Talk:
    """The talk before its first turn. A title that is all name is a topic; a headline has some."""
    found: list[Mention] = []
    for i, title in enumerate(titles[:4], start=1):
        bare = re.sub(r"\s*\(.*?\)", "", title).strip()
        small = [w for w in bare.split() if w[0].islower() and w not in _FUNCTION and len(w) > 3]
        whole = bool(bare) and len(bare.split()) <= 4 and not small
        # "Netanyahu Abandons Bid To Form Government": where all have capitals none is a name
        named = _names_of(bare)[:3] if small else []
        entitled, lasting = ([bare], _TITLE) if whole else (named, _HEADLINE)
        found += [Mention(name, 0, lasting=lasting / (i + j)) for j, name in enumerate(entitled)]
    stems = frozenset(content_stems("\n".join(titles)))
    return Talk(_merged((), found), "", "", stems=stems)


def _without(common: frozenset[str], talk: Talk) -> Talk:
    """The talk without "Bookkeeper" of a headline, where the article writes of a bookkeeper."""
    kept = (
        m
        for m in talk.mentions
        if not m.named or m.lasting >= _TOPIC or m.text.casefold() not in common
    )
    return replace(talk, mentions=tuple(kept))


def _heard(turn: Turn, talk: Talk) -> Talk:
    """The talk after one more turn."""
    asked = _resolved(plainly(turn.question[:_HEARD]), talk)
    answer = _DATELINE.sub("", re.sub(r" ?\[\d+\]", "", turn.answer[:_HEARD]))
    overview = overview_of(asked)
    spoken = overview.words if overview else _TOPIC_BEHIND.sub("", asked)  # which nobody spoke of
    vain = overview and re.match(r"$|The articles do not say", answer)
    unresolved = bool(talk.last and (vain or _INSTEAD.match(_bare(asked))))
    free, bound = _pronouns(turn.question)
    known = [replace(m, weight=m.weight * _FADES) for m in _called(free, talk.mentions)]
    titles = [t for t in turn.titles if " " in t and re.search(rf"\b{re.escape(t)}(?!\w)", spoken)]
    named = [*titles, *(n for n in _names_of(spoken) if not any(n in t for t in titles))][:6]
    called = bound - {"it", "they"} if len(named) == 1 else frozenset()
    described = [
        spoken[_start_of_owner(spoken, a) : _end_of_office(spoken, a, b)]
        for a, b in _described(spoken)
    ]
    new = [
        Mention(text, _OWNED if _OWNED_BY.match(text) else _DESCRIBED, named=False)
        for text in described
        if text not in named and not any(text in title for title in titles)
    ]
    for i, name in enumerate(named):
        place = _place(name, spoken)
        new.append(Mention(name, _ASKED + (0 if i else _SUBJECT), called=called | place))
    for i, name in enumerate(n for n in _names_of(answer)[:6] if n not in asked):
        new.append(Mention(name, _ANSWERED / (1 + i), called=_place(name, answer)))
    if re.match(r"(?:and )?(?:by )?who(?:m|se)?\b", asked, re.I):
        short = turn.short or ""
        told = short if _names_of(short) or _MANY.search(short) else ""
        new += _who(told or answer, asked, sure=bool(told))
    elif re.match(r"(?:and )?(?:which|what) [a-z]+\b", asked, re.I) and turn.short:
        new += [replace(m, called=frozenset()) for m in _who(turn.short, asked, sure=False)]
    mentions = _merged(known, new)
    of_many = re.search(r"\b(?:they|their|them)\b", f"{turn.question} {answer}", re.I)
    held = frozenset(_words(answer))
    here = [m for m in mentions if held.intersection(_words(m.text)[-1:])]
    called_here = {m.text: m for m in _called(frozenset().union(*_pronouns(answer)), here)}
    kept = mentions if of_many else tuple(called_here.get(m.text, m) for m in mentions)
    stems = talk.stems.union(content_stems(f"{asked}\n{answer}"))
    return Talk(kept, talk.last if unresolved else asked, answer, turn.short, stems)


def _start_of_owner(text: str, start: int) -> int:
    """Where "Cole's album" begins that stands there: before "Ann", where that is before it."""
    owner = next((a for a, b in _named(text) if a < start < b), start)
    return owner if re.match(r"[A-Z][\w’-]*['’]s ", text[start:]) else start


def _end_of_office(text: str, start: int, end: int) -> int:
    """Where "the mayor" ends that stands there: behind "of Leeds", where that follows."""
    of = re.match(rf" of {_NAME}", text[end:])
    return end + of.end() if of and _ROLE.match(text[start:end]) else end


def _place(name: str, text: str) -> frozenset[str]:
    """What a place is called, where the text has the name behind "in" or "the mayor of".

    So is what stands before what it names: "the Tolland Hollow farm".
    """
    where = (
        r"in|at|near|outside|across|(?:mayor|governor|president|king|queen|capital|city|people) of"
    )
    own = re.escape(name)
    place = re.search(rf"\b(?:{where}) {own}", text, re.I)
    kind = rf"\b[Tt]he {own} (?!(?:{_AUX}|said|says|who|and|of|or|in|on|at|to|for|with|by)\b)[a-z]"
    return frozenset({"it"} if place or (" " in name and re.search(kind, text)) else ())


_OWNED_BY = re.compile(
    r"(?:[A-Z][\w’'-]* )*[A-Z][\w’'-]*['’]s (?:[a-z]+ ){0,3}"
    r"(?:album|film|movie|book|novel|song|single|record|play|show|series|painting|poem|opera|game|house|boat|ship|church|museum)$"
)
_DATELINE = re.compile(
    r"^(?:[A-Z][A-Z’'.-]+,? ?){1,3}(?:[A-Z][a-z]{1,5}\. )?(?:\([^()]*\) ?)?(?:[—–:]|--?(?= )) ?"
)


def _who(answer: str, asked: str, *, sure: bool) -> list[Mention]:
    """The one, or those, whom a question for somebody was answered with."""
    found = [name for name in _names_of(answer)[:6] if name not in asked]
    if found:
        called = frozenset({"person"} if _is_person(found[0]) else ())
        return [Mention(found[0], _WHO, called=called)]
    several = sure and _MANY.search(answer) and len(answer.split()) <= _MOST_NAMED
    return [Mention(answer[0].lower() + answer[1:], _WHO, named=False)] if several else []


def _pronouns(text: str) -> tuple[frozenset[str], frozenset[str]]:
    """The kinds of pronouns in the question: those for who is not in it, and those for who is."""
    found = [m for m in re.finditer(r"[A-Za-z]+", text) if m[0].lower() in _CLASS]
    bound = {_CLASS[m[0].lower()] for m in found if _stands_for_what_it_says(m, text)}
    kinds = {_CLASS[m[0].lower()] for m in found}
    return frozenset(kinds - bound), frozenset(bound)


def _called(kinds: frozenset[str], mentions: Sequence[Mention]) -> list[Mention]:
    """The mentions, with what a text calls them: "he", "she" or "they"."""
    kinds -= {"it"}
    found = list(mentions)
    for kind in kinds if not kinds >= {"he", "she"} else ():
        mention = _antecedent(kind, found)
        if mention:
            found[found.index(mention)] = replace(mention, called=mention.called | {kind})
    return found


def _merged(known: Sequence[Mention], new: Sequence[Mention]) -> tuple[Mention, ...]:
    """All of them once: of a name and a part of it, the whole."""
    found = {m.text.casefold(): m for m in known}
    for m in new:
        wholes = [
            key
            for key, other in found.items()
            if key == m.text.casefold() or (m.named and other.named and _are_one(m, other))
        ]
        if wholes:
            old = found.pop(wholes[0])
            entitled = [one.text for one in (old, m) if one.lasting >= _TOPIC]
            text = entitled[0] if entitled else max(old.text, m.text, key=len)
            weight, named = old.weight + m.weight, old.named or m.named
            called = old.called | m.called
            m = replace(old, text=text, weight=weight, named=named, called=called)
        found[m.text.casefold()] = m
    return tuple(found.values())


def _are_one(one: Mention, other: Mention) -> bool:
    """Whether one name is the other's last or first: "Rowley" of "Sir Mark Rowley".

    What has an article of its own, "iPod", is not the first of "iPod Nano".
    """
    short, whole = sorted((one, other), key=lambda m: len(_words(m.text)))
    part, words = _words(short.text), _words(whole.text)
    first = len(part) == 1 and len(words) <= 3 and part == words[:1]
    last = bool(part) and set(part) <= set(words) and part[-1] == words[-1]
    return last or (first and short.lasting < _TOPIC)


def _holds(one: set[str], other: set[str]) -> bool:
    return bool(one and other) and (one <= other or other <= one)


# --- pronouns -------------------------------------------------------------------------------------

_CLASS = {
    **dict.fromkeys("he him his".split(), "he"),
    **dict.fromkeys("she her hers".split(), "she"),
    **dict.fromkeys("they them their theirs".split(), "they"),
    **dict.fromkeys("it its".split(), "it"),
}
_OWNS = frozenset("his hers their theirs its".split())
_MANY = re.compile(r"[^s'’]s$|\band\b|\b(?:band|group|police|people|team|club)\b", re.I)
_BODY = re.compile(  # in the name of no person
    r"\b(?:The|Police|Association|University|Council|Committee|Commission|Company|Club|Party|Court|"
    r"City|River|War|League|Series|Cup|Awards?|Album|School|College|Bank|Street|Act|Union|Office|"
    r"Department|States|World|Records?|Show|Games|Cent(?:er|re)|Church|House|Band|Army|Navy|"
    r"Air Force|Guard|Senate|Congress|Parliament|Government|Ministry|Agency|Bureau|Institute|"
    r"Foundation|Federation|Times|News|Journal|Press|Group|Inc|Ltd|Corp|Airlines?|Airport|Hospital|"
    r"Museum|Cathedral|Island|Lake|Road|Avenue|Bridge|Festival|Democrats|Republicans|\d+)\b"
)
_ROLE = re.compile(  # of one person
    r"^the (?:[a-z-]+ )*(?:mayor|president|minister|secretary|governor|senator|judge|officer|king|"
    r"soldier|captain|sergeant|general|colonel|chief|director|manager|owner|author|writer|singer|"
    r"actor|actress|artist|player|coach|teacher|doctor|nurse|lawyer|pilot|driver|farmer|queen|"
    r"prince|princess|pope|bishop|man|woman|boy|girl|father|mother|son|daughter|brother|sister|"
    r"wife|husband|victim|suspect|spokes(?:man|woman|person)|leader|founder|inspector|professor)"
    r"(?: of .+)?$",
    re.I,
)
_EMPTY_IT = re.compile(
    r"what time is it|\b(?:do|done) it\b|"
    r"\bit ?(?:['’]s|is|was|will be|would be)? ?(?:true|possible|likely|common|rain|snow|take|took|"
    r"said|seem|matter)|"
    r"\b(?:is|was|does|did|can|would|will) it (?:be )?(?:rain|snow|take|seem|matter|"
    r"(?!cost to (?:make|build|produce|film|create|run|repair|restore)\b)\w+ (?:to|that)\b)",
    re.I,
)


def _with_names(question: str, talk: Talk) -> str:
    """Each pronoun's first use replaced by what it stands for, if that is not in the question."""
    done: set[str] = set()
    free = list(talk.mentions)
    parts, at = [], 0
    for m in re.finditer(r"\b[A-Za-z]+\b", question):
        word = m[0].lower()
        kind = _CLASS.get(word)
        if kind is None or kind in done:
            continue
        owns = word in _OWNS or (word == "her" and _owns(question[m.end() :]))
        if kind == "it" and _is_empty(question, m.start()):
            if not _IT_RIGHT_AFTER.match(question, m.end()):
                done.add(kind)
            continue
        if _bound(kind, word, owns, question, m.start()):
            done.add(kind)
        elif mention := _antecedent(kind, _others(free, word, question, owns=owns)):
            done.add(kind)
            free.remove(mention)
            parts += [question[at : m.start()], mention.text, "'s" * owns]
            at = m.end()
    return "".join(parts) + question[at:]


def _others(mentions: Sequence[Mention], word: str, question: str, *, owns: bool) -> list[Mention]:
    """Whom the pronoun may stand for: "Did Bell see him?" asks of nobody named in the question."""
    if owns or word not in ("him", "her", "them"):
        return list(mentions)
    here = [set(_words(name)) for name in _names_of(question)]
    return [m for m in mentions if not any(_holds(set(_words(m.text)), name) for name in here)]


def _owns(after: str) -> bool:
    """Whether "her" before this is hers, and not she."""
    following = re.match(r" ([a-z0-9]\w*)", after)
    return following is not None and (
        following[1] in ("own", "first", "second", "other") or following[1] not in _FUNCTION
    )


_IT_RIGHT_AFTER = re.compile(r"(?: \w+){0,2}? (?:that|to \w+) it\b", re.I)


def _is_empty(question: str, at: int) -> bool:
    """Whether the "it" there stands for nothing: "how long does it take to mend it" has one."""
    return any(m.start() <= at < m.end() for m in _EMPTY_IT.finditer(question))


_WHO_SAID = re.compile(
    r"\W*(?:and )?who (?:[a-z]+ )?(?:said|says|claim(?:s|ed)|admit(?:s|ted)|den(?:ies|ied)|"
    r"promise[sd]|thinks?|thought|believe[sd]?|hope[sd]?|fear(?:s|ed)|warn(?:s|ed))(?: that)? ",
    re.I,
)


def _bound(kind: str, word: str, owns: bool, question: str, at: int) -> bool:
    """Whether the pronoun stands for something in the question itself, or for nothing."""
    if kind == "it" and _is_empty(question, at):
        return True
    if word in ("him", "them") or (word == "her" and not owns):
        return False  # "Did Bell see him?" is not himself
    before = question[:at]
    if _WHO_SAID.fullmatch(before) and word in ("he", "she", "they"):
        return True  # "who said they were ready": themselves
    if _ASKS.fullmatch(before.strip()):
        return False  # "What albums did they release?"
    spans, end = _described(before), at
    while spans and re.fullmatch(rf" {_OF_IT} ", before[spans[-1][1] : end], re.I):
        end = spans.pop()[0]  # "the mayor of it" is not the mayor
    described = [before[a:b].lower() for a, b in spans]
    return bool(
        (_names_of(before) and not (word == "it" and _IS_DONE_TO.search(before)))
        or (kind == "it" and any(d.startswith("the ") for d in described))
        or (kind == "they" and any(_MANY.search(d) for d in described))
    )


# "Which paper praised it": no paper; but "why did Ann sell the pier and will it reopen".
_IS_DONE_TO = re.compile(
    r"\b(?!(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|should|may|might|must|"
    r"and|or|but|that|if|when|because|while|why|how|where|what)\b)[a-z]+ $"
)
_OF_IT = "(?:of|in|on|at|to|from|for|with|by|within|around|near|about|against)"


def _antecedent(kind: str, mentions: Sequence[Mention]) -> Mention | None:
    """The most salient mention that agrees with the pronoun."""
    fitting = [(m.salience * _fit(kind, m), m) for m in mentions]
    weight, best = max(fitting, key=lambda pair: pair[0], default=(0.0, None))
    return best if weight >= _ENOUGH else None


def _fit(kind: str, mention: Mention) -> float:
    """From 0 to 1: may it be called so, by its form and by what it has been called."""
    text, called = mention.text, mention.called
    if not re.search(r"[^\W\d_]", text):
        return 0  # a year
    gender = None if _OWNED_BY.match(text) else _gender(text)
    body = bool(_BODY.search(text)) or (text.isupper() and len(text) < 6)
    if kind in ("he", "she"):
        if (
            body
            or not (mention.named or _ROLE.search(text))
            or "it" in called
            or gender not in (None, kind)
            or called & {"he", "she"} - {kind}
        ):
            return 0
        called -= {"person"}
        return 0.1 if called and kind not in called else 1 if " " in text or called else 0.7
    if kind not in called and (gender or called & {"he", "she", "person"}):
        return 0.05
    if kind == "they" and "it" in called and kind not in called:
        return 0.2
    if kind == "they":
        return 1 if kind in called or body or _MANY.search(text) else 0.5 * mention.named
    two = mention.named and len(text.split()) == 2 and not body  # as a person's name has
    return 0.3 if _MANY.search(text) else 0.5 if two else 1


# --- what is left out -----------------------------------------------------------------------------

_AUX = (  # but no month of May
    r"(?:(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|should|might|must|"
    r"(?<!\b(?:in|on|by) )(?-i:may)(?! \d))(?:n['’]t)?)"
)
_WH = (
    r"(?:(?:in|at|on|for|from|to|by|since|until|till|with) )?"
    r"(?:what|which|who|whom|whose|when|where|why|how)"
)
_ASKS = re.compile(rf"{_WH}(?: (?!{_AUX}\b)[\w'’-]+){{0,3}} (?P<aux>{_AUX})\b", re.I)
_ASKING = rf"(?:{_WH}|(?!(?-i:Will [A-Z])){_AUX})\b"  # Will Smith asks nothing
_TOPIC_BEHIND = re.compile(rf" \((?!{_ASKING})[^()]*\)(?=[\s?.!]*$)", re.I)
_ASKED_OF = re.compile(rf"(?-i:[A-Z][a-z ]*) \(({_ASKING}.+)\)", re.I)  # "When (Who closed it)"
_OPENING = re.compile(
    r"^(?:(?:and|but|so|ok|okay|yes|no|oh|then|also|well|sorry|actually|thanks)\b[,.!]? *)+", re.I
)
_BARE = re.compile(
    rf"{_WH}(?: (?:year|years|time|date|day|many|much|long|old|far|so|not|often|exactly|country|"
    rf"city))*(?: and {_WH})?(?: of (?:them|those))?"
    r"(?: (?:was|is|did) (?:that|this|it)(?: happen)?)?$",
    re.I,
)
_NOUN_ASKED = re.compile(  # "at what cost"
    rf"(?:(?:in|at|on|for|from|to|by|with|of) )?(?:what|which) (?!(?:else|next|then|now|happens|"
    rf"about|if|for|{_AUX})\b)[a-z]+(?<!ed)",
    re.I,
)
_SURE = re.compile(
    r"are you (?:\w+ )?(?:sure|certain)|really$|is (?:that|this) (?:true|right|so)$", re.I
)
_SAID_IT = re.compile(
    r"who (?:(?:says?|said|told|claims?|claimed)(?: (?:that|this|so|it))?|"
    r"(?P<verb>promised|warned|admitted|thinks|thought) (?:that|this|so|it))$",
    re.I,
)
_INSTEAD = re.compile(r"(?:i meant?|i (?:was|am) asking about|what about|how about) (.+)$", re.I)
_NOT_IT = re.compile(r"^not [^,;]+[,;] *(?:but )?|[,;] *(?:and )?not [^,;]+$", re.I)
_WHEN = (
    r"(?:\d{4}|(?:(?:January|February|March|April|May|June|July|August|September|October|November|"
    r"December|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day)\b ?)+\d*|last \w+)"
)
_TIME = re.compile(
    rf"\b(?:(?:between|from) {_WHEN} (?:and|to|until) {_WHEN}|"
    rf"(?:(?:in|on|at|since|by|before|after|until|during|from) )?"
    rf"(?:{_WHEN}|now|today|this (?:week|month|year)))"
)
_IT_ALONE = re.compile(rf"\b{_AUX} it(?: [a-z]+)?$", re.I)  # "when did it open"
_GOES_ON = re.compile(  # with what was said before
    r"(?:what|who|where|when|why|how|any(?:thing|one|body)) else$|(?:tell|give) (?:me|us) more$|"
    r"what(?: (?:happened|happens|came|comes))? (?:next|then|afterwards?|after (?:that|this))$|"
    rf"(?:in|on|at|since|by|before|after|until) {_WHEN}$|"
    r"(?:the |any )?(?:an)?others?(?: (?-i:[a-z]+))?$",  # but "The Other Woman" is a film
    re.I,
)
_NAME = r"(?:the )?[A-Z][\w’'-]*(?: [A-Z][\w’'-]*)*"
_PLACED = re.compile(r"(in|on|at|during|after|before|since|by|from|for|with|to|until)\b .+$", re.I)


def _resolved(question: str, talk: Talk) -> str:
    """The question with what it leans on put in."""
    question = _corrected(question)
    text = _with_names(question, talk)
    text = _completed(text, talk) or text
    return _with_topic(_with_apposition(text, talk), question, talk)


def _corrected(question: str) -> str:
    """Of "No, not the line, the cylinder: what was wrong with it?" what is asked in its place.

    A correction that asks nothing by itself is left alone, but for what it takes back.
    """
    bare = _bare(question)
    meant = _MEANT.match(bare) or _NOT_BUT.match(bare)
    if not meant or re.match(rf"(?:{_WH}|{_AUX})\b", meant["right"], re.I):
        return question
    right, asked = meant["right"].strip(), (meant["asked"] or "").strip()
    if not re.match(rf"(?:{_WH}(?:['’]s)?|{_AUX})\b", asked, re.I):
        return f"No, I meant {right}" if meant["wrong"] and not asked else question
    return _asked_of(right, asked)


def _asked_of(thing: str, asked: str) -> str:
    """The question with the thing in the place of what stands for it, or behind it in brackets."""
    mention = Mention(thing, 1.0, named=thing[:1].isupper() and not thing.startswith("The "))
    for place in _STANDS_FOR.finditer(asked):
        word = place[0].lower()
        if _fit(_CLASS.get(word, "it"), mention) > 0:
            after = asked[place.end() :]
            owns = word in _OWNS or (word == "her" and _owns(after))
            own = ("'" if thing.endswith("s") else "'s") * owns
            return f"{asked[: place.start()]}{thing}{own}{after}?"
    if set(content_stems(thing)) <= set(content_stems(asked)):
        return f"{asked}?"
    return f"{asked} ({thing})?"


_A_THING = (  # a noun phrase or a name, and no condition: "not long after", "not counting Leeds"
    r"(?:(?:the|an?|his|her|its|their|that|this|those|these|all|some) [^,;:.?]+?|him|her|it|them|"
    r"that|this|(?-i:[A-Z])[^,;:.?]*?|[a-z]+s)"
)
_ASKED_THEN = r"(?:(?:[,;:.?!]+| [–—-]+ ) *(?P<asked>.+))?$"
_MEANT = re.compile(
    rf"i meant? (?P<right>{_A_THING})(?:,? (?:and )?not (?P<wrong>{_A_THING}))?{_ASKED_THEN}", re.I
)
_NOT_BUT = re.compile(
    rf"not (?P<wrong>{_A_THING})[,;.:]+ *(?:but |i meant? )?(?P<right>{_A_THING}){_ASKED_THEN}",
    re.I,
)
_STANDS_FOR = re.compile(
    r"\b(?:(?:that|this|the) one|it|he|she|they|him|her|them|his|their|its|"
    r"(?:that|this)(?! (?:it|he|she|they|the|an?|his|her|their|there|(?-i:[A-Z]))\b))\b",
    re.I,
)


_THANKS = re.compile(
    r"(?:[,.?!] *(?:please|thanks|thank you)|(?<!say)(?<!said)(?<!says)(?<!song) please)"
    r"[\s.!]*(?=\??$)"
)
_LEADS = re.compile(
    rf"^(?:(?:ok|okay|sorry|so|well|hi|hello|hey|hm+|oh|great|thanks|thank you|actually|"
    rf"interesting|(?:right|now)(?=,)|"
    rf"(?:another|a (?:different|new)|one more|new|different|next|quick) "
    rf"(?:question|story|topic|subject|thing|one))\b[,.!:;]?(?: ?[–—-]+)? *)+"
    rf"(?=(?:{_WH}(?:['’]s)? (?!else\b)|{_AUX} |"
    r"(?:the|that|back|going|switching|turning|tell|remind|as for|what about) ))",
    re.I,
)
_TELL_ME = re.compile(
    rf"(?:(?:(?:can|could|would|will) you |please )*(?:tell|remind) (?:me|us)(?: again)?|"
    rf"do you (?:happen to )?know|i(?:['’]d| would) like to know|i want to know|"
    rf"i(?: was|['’]m| am)? wonder(?:ing)?|any idea),? (?={_WH}\b)",
    re.I,
)
_ASKED_WITHIN = re.compile(  # "who Nils is", "how old the victim was"
    r"(?P<wh>who|what|where|when|why|how (?:old|tall|big|large|far|long)) "
    rf"(?P<who>(?:(?i:the|a|an|his|her|its|their|this|that) |(?-i:[A-Z]))(?:(?! {_AUX}\b).)*?) "
    r"(?P<aux>is|are|was|were)(?: (?P<rest>about|called|like|for|from))?",
    re.I,
)
_TOPIC_FIRST = re.compile(
    r"(?:(?:and|but) )?(?P<lead>(?:(?:(?:go|gett|com|turn|switch|mov)ing (?:back |over |on )?|"
    r"back )to|as for|regarding|concerning|what about|how about) |(?=(?:the|that|this) ))"
    r"(?P<topic>(?![\d ]|(?:the |that |this )?(?:\w+ )?(?:ones?|day|week|month|year|night|morning|"
    r"afternoon|evening|time|season|century)\b)"
    rf"(?:(?! {_AUX}\b| \w+ed (?:in|on|by|at|after|for|to)\b| not\b)[^,;:.?–—]){{3,50}}?)"
    r"(?<! said)(?<! says)(?<! told)(?: again| now| then)?(?P<stop>[,;:.?]| [–—-]+) +"
    rf"(?P<asked>(?:what|when|where|why|how|who)(?:['’]s)? .+)",
    re.I,
)


def _completed(question: str, talk: Talk) -> str | None:
    """What is no whole question, with what it leaves out taken from the last one."""
    last = _bare(talk.last)
    opening, bare = _OPENING.match(question), _bare(question)
    if not bare or not last or len(last.split()) > _MOST_WORDS:
        return None
    if _SURE.match(bare):
        return f"{last}?"
    if (said := _SAID_IT.match(bare)) and (told := _told(talk)):
        return f"Who {said['verb'] or 'said'} that {told}?"
    if _BARE.match(bare) or _NOUN_ASKED.fullmatch(bare):
        return _asked_again(bare, last, talk.short)
    instead = _INSTEAD.match(_NOT_IT.sub("", bare))
    by = _OUTLET_SAYS.match(instead[1] if instead else bare)
    if by and (opening or instead):
        return f"{last} according to {by['outlet']}?"
    if instead:
        bare = _NOT_IT.sub("", instead[1]).strip(" ,;")
        if not bare:
            return None
        if re.match(rf"{_WH}\b.*\b{_AUX}\b|{_WH} [a-z]+ ", bare, re.I):
            return f"{bare[0].upper()}{bare[1:]}?"
    if re.fullmatch(rf"now|today|at present|{_WHEN}", bare, re.I) and not instead:
        return _in_place_of(_TIME.search(last), bare, last)
    if _WHO_DID.match(bare):
        return None
    if _EARLIER.match(bare):
        return f"{re.sub(r' (?:now|today|at present)$', '', last)} {bare}?"
    if re.search(rf"\b(?:{_AUX}|tell|give|explain|describe)\b", bare, re.I):
        return None
    if (placed := _PLACED.match(bare)) and not re.search(rf"\b{_WH}\b", bare, re.I):
        return _placed_again(bare, placed[1], last)
    if not (opening or instead):
        return None
    about = _about(bare, last)
    if about is None and re.fullmatch(r"(?:the )?[a-z]+s", bare) and bare not in _FUNCTION:
        return f"{last} ({bare})?"  # of what kind of thing the question before spoke is not plain
    corrects = instead and instead[0][:2].lower() == "i "  # and no "what about"
    if about is None and corrects and re.fullmatch(rf"{_A_THING}(?<!\bone)", bare, re.I):
        return f"Tell me about {bare}."
    return about


_OUTLET_SAYS = re.compile(
    rf"what (?P<outlet>(?-i:{_NAME})) (?:says?|said|reports?|reported)$", re.I
)
_EARLIER = re.compile(r"(?:before|after|since|until)(?: (?:that|this|then))?$|then$", re.I)
_WHO_DID = re.compile(r"who (?!(?:is|are|was|were|else)\b)(?P<did>[a-z]+ .+)$", re.I)
_CLAUSE = re.compile(  # what this made before
    rf"(?i:(?:when|where|why|how|(?:for |by )?how (?:much|many|long)|by whom)) (?!{_AUX}\b)"
    r"(?P<clause>[A-Z][\w’'-]+ .+)$"
)
_HOW_MANY = re.compile(r"how (?:many|much) (?P<did>.+)$", re.I)
_HOW_MANY_WERE = re.compile(
    rf"how (?:many|much) (?P<what>(?!{_AUX}\b)[\w’'-]+(?: (?!{_AUX}\b)[\w’'-]+){{0,3}}) "
    rf"(?P<aux>{_AUX}) (?P<did>(?-i:[a-z]+))(?P<rest>.*)$",
    re.I,
)
_ASKS_FOR = re.compile(  # a thing, or how something is, which no other question word asks for
    r"(?:what|which|who|whom|whose|how (?:many|much))\b(?! (?:year|time|date|day|month|week)\b)|"
    r"how [a-z]+ (?:is|are|was|were)\b",
    re.I,
)


def _told(talk: Talk) -> str | None:
    """The first sentence of the last answer, as it stands behind "that"."""
    spans = sentences(talk.answer)
    holds = [s for s in spans if talk.short and talk.short in talk.answer[slice(*s)]]
    first = talk.answer[slice(*(holds or spans)[0])].rstrip(".!?") if spans else ""
    if spoken := re.match(r"[“\"]([^“”\"]+?)[,.]?[”\"]", first) or _SAID_THAT.match(first):
        first = spoken[1]
    if not 0 < len(first.split()) <= _MOST_TOLD or _ASIDE.search(first):
        return None
    opens_with_name = first.split()[0] in names(first)
    return first if opens_with_name else first[0].lower() + first[1:]


_SAID_THAT = re.compile(  # what somebody said, in reported speech
    r"(?:[A-Z][\w’'-]*\.? )+(?:also )?(?:said|says|added|claimed|told \w+) that (.+)"
)
_MOST_TOLD = 40  # words
_ASIDE = re.compile(r"[“”\"?()]|^The articles do not say")


# "Who will replace X", "which firm is buying Y": behind the auxiliary stands its verb, no subject
_ASKED_SUBJECT = re.compile(
    rf"(?i:who|(?:what|which) (?!{_AUX}\b)[\w'’-]+(?: (?!{_AUX}\b)[\w'’-]+)?) (?P<aux>{_AUX}) "
    r"(?P<rest>(?!(?:the|an?|his|her|its|their|he|she|it|they|this|that)\b)"
    r"(?:[a-z]+(?:ed|ing|en)\b.*|"
    r"[a-z]+ (?:(?:the|an?|his|her|by|in|at|on|to|from|for)\b|[A-Z]).*))$"
)


def _asked_again(wh: str, last: str, short: str | None) -> str | None:
    """The last question with another question word; who did it is known by its short answer.

    A topic behind it stays there. Of an overview its words are asked of, if it has any.
    """
    wh = re.sub(r" (?:was|is|did) (?:that|this|it)(?: happen)?$", "", wh, flags=re.I)
    capital = wh[0].upper() + wh[1:]
    asked = _TOPIC_BEHIND.sub("", last)
    behind = last[len(asked) :]
    asked = inner[1].strip() if (inner := _ASKED_OF.fullmatch(asked)) else asked
    if overview := overview_of(asked):
        return f"{capital} ({overview.words}){behind}?" if overview.words else None
    if _BARE.match(asked):
        return f"{capital}{behind}?"
    if wh.lower().endswith(" not") or _NOUN_ASKED.fullmatch(wh):
        return f"{capital} ({asked}){behind}?"
    return f"{_with_word(capital, asked, short or '')}{behind}?"


def _with_word(wh: str, last: str, short: str) -> str:
    """A question with this question word, in brackets where it would lack its object."""
    if clause := _CLAUSE.match(last):
        return f"{wh} {clause['clause']}"
    asks_who = re.match(r"(?:by )?who", wh, re.I)
    if (asks := _ASKS.match(last)) and (by := _ASKED_SUBJECT.match(last)) and not asks_who:
        if not short or len(short.split()) > _MOST_NAMED:
            return f"{wh} ({last})"
        return f"{wh} {by['aux']} {_inside(short)} {by['rest']}"
    if (were := _HOW_MANY_WERE.match(last)) and _is_verb(were["did"]):
        return f"{wh} {were['aux']} {were['what']} {were['did']}{were['rest']}"
    if asks:
        adjunct = not _ASKS_FOR.match(last)
        return f"{wh} {asks['aux']}{last[asks.end() :]}" if adjunct else f"{wh} ({last})"
    if re.match(rf"{_AUX}\b", last, re.I):
        return f"{wh} {last[0].lower()}{last[1:]}"
    if short and (who := _WHO_DID.match(last)) and not asks_who:
        return f"{wh} {_inside(short)} {who['did']}"
    if many := _HOW_MANY.match(last):
        return f"{wh} {many['did']}"
    return f"{wh} ({last})"


def _is_verb(word: str) -> bool:
    return word in _VERBS or bool(re.search(r"(?:ed|en|ing)$", word))


def _inside(short: str) -> str:
    """As it stands within a sentence: "An old man" with a small letter."""
    return short if names(f"- {short}")[:1] == short.split()[:1] else short[0].lower() + short[1:]


def _placed_again(phrase: str, word: str, last: str) -> str:
    """The last question at another time or place: in place of the one it has, if it has one."""
    if re.search(_WHEN, phrase):
        return _in_place_of(_TIME.search(last), phrase, last)
    places = (m for m in re.finditer(rf"\b{word} {_NAME}", last) if not _TIME.fullmatch(m[0]))
    return _in_place_of(next(places, None), phrase, last)


def _in_place_of(had: re.Match[str] | None, phrase: str, last: str) -> str:
    if had is None:
        return f"{last} {phrase}?"
    if re.match(r"\d", had[0]) and (year := re.fullmatch(r"(?:in )?(\d+)", phrase)):
        phrase = year[1]  # "the 2012 games" are those of 2016 then
    elif re.match(r"\d", had[0]):
        return f"{last} {phrase}?"
    return f"{last[: had.start()]}{phrase}{last[had.end() :]}?"


def _about(other: str, last: str) -> str | None:
    """The last question about something else: a date, a name, or the same kind of thing."""
    if said := asks_what_said(last):
        return _said_otherwise(other, last, *said)
    if re.fullmatch(_WHEN, other):
        before = "(?:in|on) " if other.lower().startswith("last") else ""
        spans = [m.span() for m in re.finditer(rf"(?:{before})?{_WHEN}\b", last)]
    elif names(other) and not other.lower().startswith("the "):
        spans = _alike(other, last)[:1]
    else:
        spans = [s for s in _described(last) if _head(last[slice(*s)]) == _head(other)]
        spans = spans or [s for s in _described(last) if re.match(r"the [a-z]", last[s[0] :])]
    if len(spans) != 1:
        return None
    ((start, end),) = spans
    of_one = re.match(r"(?:the|this|that|an?|another|his|her|its|their) ", other, re.I)
    if of_one and (led := _LEADS_NOUN.search(last[:start])):
        of_many = other.endswith("s") and led[0].lower().startswith("how")
        if of_many or re.match(r" (?:do|does|did)\b", last[end:]):
            return f"{last} ({other})?"
        start = led.start()
    return f"{last[:start]}{other if start else other[0].upper() + other[1:]}{last[end:]}?"


def _alike(name: str, last: str) -> list[Span]:
    """The names in the question that another may take the place of, as far as that is plain.

    A person takes a person's; what is no person's name that is known, one of what people go to.
    """
    spans = _named(last)
    places = [s for s in spans if _place(last[slice(*s)], last) or _GO_TO.search(last[: s[0]])]
    if _gender(name):
        return [s for s in spans if s not in places] or spans
    first_is_person = spans and _gender(last[slice(*spans[0])])
    return places if places and first_is_person else spans


_GO_TO = re.compile(r"\b(?:visit(?:ed)?|reach(?:ed)?|leave|left|enter(?:ed)?|to|from) $", re.I)
_LEADS_NOUN = re.compile(rf"\b(?:the|which|what|how many|how much) (?:(?!{_AUX}\b)\w+ )?$", re.I)


def _said_otherwise(other: str, last: str, who: str, matter: str) -> str | None:
    """What somebody else said on it, or they on something else."""
    other = re.sub(r"['’]s$", "", re.sub(r"^(?:about|on) ", "", other))
    named = names(f"- {other}") and not other.startswith("the ")
    if named or _ROLE.match(other) or (not matter and other.startswith("the ")):
        return f"{last.replace(who, other, 1)}?"
    if re.fullmatch(_WHEN, other) or other.split()[0] in _FUNCTION - {"the", "his", "her"}:
        return None
    place = last.rfind(matter) if matter else -1
    if place < 0:
        return f"{last} about {other}?"
    return f"{last[:place]}{other}{last[place + len(matter) :]}?"


def _head(phrase: str) -> str:
    return phrase.split()[-1].casefold().rstrip("s")


# --- the topic ------------------------------------------------------------------------------------

_LEANS = re.compile(
    r"\b(?:this|that|these|those|there|then|others?|else|another|it|they|he|she|them|him|her|his|"
    r"their|its|afterwards?)\b",
    re.I,
)
_OF_SOMETHING = re.compile(  # the weather is nobody's, but a verdict is on somebody
    r"\b(?:reason|cause|motive|purpose|aim|result|outcome|effect|response|reaction|verdict)s?\b",
    re.I,
)
_ANY = re.compile(rf"any (?:(?!{_AUX}\b)[a-z]+ ?){{1,3}}$", re.I)  # "any children?"
_DEFINES = re.compile(r"(?:what|who) (?:is|are|was|were) (?:an? )?[\w'’-]+(?: [\w'’-]+)?$", re.I)


def _with_apposition(text: str, talk: Talk) -> str:
    """Of "the album", where "the album Funeral" was spoken of, that."""
    the = re.search(r"\b(?:the|this|that) ([a-z]+)(?= [a-z]|[\s?.!]*$)", text)
    if not the or the[1] in _FUNCTION or _names_of(text):
        return text
    said = f"{talk.last}\n{talk.answer}"
    name = re.search(rf"\b{the[1]},? (?:called |titled |named )?[\"“‘']?({_NAME})", said)
    return f"{text[: the.end()]} {name[1]}{text[the.end() :]}" if name else text


def _with_topic(text: str, question: str, talk: Talk) -> str:
    """With the topic of the talk in brackets behind it, where it leans and names nothing."""
    topic = max(talk.mentions, key=lambda m: m.salience, default=None)
    if topic is None or topic.salience < _TOPIC or set(_words(text)) >= set(_words(topic.text)):
        return text
    if _named(text) or _names_known(text, talk):
        return text
    thing = thing_meant(question)
    completed = text != question and (thing or is_bare(question))
    if completed or not (thing or _leans(question, talk)):
        return text
    if any(_fit(_CLASS[w], topic) == 0 for w in _words(text) if w in _CLASS):
        return text
    at = len(text.rstrip(" ?.!"))
    return f"{text[:at]} ({topic.text}){text[at:]}"


def _stands_for_what_it_says(m: re.Match[str], question: str) -> bool:
    """Of "How many officers lost their permits?": a pronoun for what the question itself names."""
    word = m[0].lower()
    kind = _CLASS.get(word)
    return kind is not None and _bound(kind, word, word in _OWNS, question, m.start())


def _names_known(text: str, talk: Talk) -> bool:
    """Whether it has a known name in small letters, or a person's last."""
    words = f" {' '.join(_words(text))} "
    for m in talk.mentions:
        parts = _words(m.text) if m.named else []
        last = parts[-1:] if len(parts) in (2, 3) and not _BODY.search(m.text) else parts
        if last and len(last[0]) > 3 and f" {' '.join(last)} " in words:
            return True
    return False


def _leans(question: str, talk: Talk) -> bool:
    """Whether it can only be understood from the talk: a new topic has words of its own."""
    bare = _EMPTY_IT.sub("", question)
    if _ANY.match(_bare(question)):
        return True
    if any(not _stands_for_what_it_says(m, bare) for m in _LEANS.finditer(bare)):
        return True
    own = " ".join(w for w in _words(question) if w not in _VERBS | _FUNCTION)
    asked = set(content_stems(own))
    if not asked:
        return True
    if re.search(r"\bthe\b", question, re.I) and len(asked) < 2:
        return asked <= talk.stems or bool(_OF_SOMETHING.search(question))
    said = content_stems(f"{talk.last}\n{talk.answer}")
    return not _DEFINES.match(question.strip(" ?")) and 2 * len(asked & set(said)) > len(asked)
