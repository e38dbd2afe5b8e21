"""Words that mean the opposite of each other: where one was asked for, the other is no answer."""

import re
from functools import cache

from rag.stemming import content_stems, stems

# A line is two sides; words of a side, with all their endings, mean the same here. Left out is
# what has too many other senses ("right", "close"), what goes with its opposite ("born", "died"),
# and the two ends of one event: who bought it is said by "it was sold to Reeve".
_SIDES = """
early earlier earliest / late later latest
oldest eldest / youngest newest latest
older elder / younger newer
ancient / modern
former formerly / current currently present
before / after
first / last
begin began begun start / end cease finish stop
same identical / different
common frequent / rare uncommon infrequent
often frequently / rarely seldom
always / never
more / less fewer
most / least fewest
many / few
majority / minority
maximum / minimum
high / low
higher / lower
highest tallest / lowest
large big great / small little
larger bigger greater / smaller
largest biggest greatest / smallest
long / short
longer / shorter
longest / shortest
wide broad / narrow
deep / shallow
thick thicker / thin thinner
heavy heavier heaviest / light lighter lightest
fast faster fastest / slow slower slowest
hot hotter hottest warm warmer warmest / cold colder coldest cool cooler coolest
strong stronger strongest / weak weaker weakest
rich richer richest wealthy / poor poorer poorest
cheap cheaper cheapest / expensive dear dearer dearest
good / bad
better / worse
best / worst
beneficial benefit / harmful detrimental damage harm
positive / negative
simple easy / complex complicated difficult
public / private
permanent / temporary
accept accepts accepted / decline declines declined refuse refuses refused reject rejects rejected
agree agrees agreed / disagree disagrees disagreed refuse refuses refused
grant grants granted / refuse refuses refused deny denies denied
legal / illegal
possible / impossible
likely / unlikely
able / unable
known / unknown
male / female
man men boy / woman women girl
father / mother
son / daughter
brother / sister
uncle / aunt
nephew / niece
king / queen
north northern / south southern
east eastern / west western
northernmost / southernmost
easternmost / westernmost
upper / lower
top / bottom
inner inside internal / outer outside external
indoor / outdoor
domestic / foreign
urban / rural
increase rise rose risen grow grew grown gain / decrease decline fall fell fallen shrink shrank drop
expand / contract shrink
improve / worsen
raise / lower cut reduce
succeed success / fail failure
attack / defend
support back backed / oppose opposed
praise / criticise criticize condemn
accept / reject refuse
approve / disapprove reject
agree / disagree
allow permit / ban forbid forbade forbidden prohibit
include / exclude
add / remove
create build built found / destroy demolish abolish
open / shut
arrive / depart
enter / exit
join / quit
hire appoint / fire dismiss sack
confirm admit / deny denied
convict guilty / acquit innocent
love / hate
friend ally / enemy
""".strip().splitlines()


@cache
def _opposites() -> dict[str, tuple[frozenset[str], ...]]:
    """Of each stem the stems that are opposed to it, by the lines that it stands in."""
    found: dict[str, tuple[frozenset[str], ...]] = {}
    for line in _SIDES:
        one, other = (frozenset(stems(side)) for side in line.split(" / "))
        for stem in one:
            found[stem] = (*found.get(stem, ()), other)
        for stem in other:
            found[stem] = (*found.get(stem, ()), one)
    return found


def opposed(asked: str, told: str) -> list[str]:
    """The stems of one text in whose place the other has an opposite; words of both are neither."""
    here, there = set(stems(asked)), set(stems(told))
    return sorted(
        stem
        for stem in here - there
        for others in _opposites().get(stem, ())
        if others & there and not others & here and not _side_of(stem, others) & there
    )


def opposites_of(stem: str) -> frozenset[str]:
    return frozenset().union(*_opposites().get(stem, ()))


def _side_of(stem: str, others: frozenset[str]) -> set[str]:
    """The stems on the stem's own side of the line whose other side is given."""
    return {s for s, sides in _opposites().items() if others in sides and s not in others} | {stem}


# --- what is denied -------------------------------------------------------------------------------

_DENIES = re.compile(
    r"\bden(?:y|ies|ied|ying)\b(?! (?:entry|access|bail|permission|him|her|them|an?)\b)|"
    r"\b(?:(?:rejected|dismissed|disputed) (?:claims?|reports?|suggestions?|rumours|"
    r"the (?:claim|idea|suggestion|report|charge))|"
    r"(?:did|does|do)(?:n['’]t| not) (?:believe|think|accept|expect)|"
    r"(?:no|little) (?:evidence|sign|truth))\b",
    re.I,
)
_ASKS_OF_DENIAL = re.compile(
    r"\b(?:den(?:y|ies|ied)|not|reject\w*|dismiss\w*|disput\w*|refus\w*|never|no)\b|n['’]t\b", re.I
)


def denied(question: str, sentence: str) -> bool:
    """Whether all that the sentence has of what is asked stands behind a denial of it.

    "He denied that the council planned to sell" does not say when it plans to. Names aside.
    """
    denial = _DENIES.search(sentence)
    if not denial or _ASKS_OF_DENIAL.search(question):
        return False
    asked = set(content_stems(" ".join(re.findall(r"\b[a-z][\w’'-]*", question))))
    shared = [
        m.start()
        for m in re.finditer(r"\b[a-z][\w’'-]*", sentence)
        if asked & set(content_stems(m[0]))
    ]
    return bool(shared) and all(at >= denial.end() for at in shared)
