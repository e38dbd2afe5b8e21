"""Names, numbers, measures, quoted words and denials: what of a sentence's a quote lacks.

Rules that need no model. Each of them has something against a sentence that tells another fact, and
is silent on one that says the same in other words, as far as a list of words can.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from rag.chunking import sentences
from rag.opposites import opposed, opposites_of
from rag.stemming import content_stems, stems


def contradictions(sentence: str, quote: str, title: str = "") -> list[str]:
    """What of the sentence's names, numbers, quoted words and denials the quote does not bear out.

    Of a free wording too: it may choose and order its words. A name may stand in the title.
    """
    sentence, quote = plainly_marked(sentence), plainly_marked(quote)
    held = f"{title}\n{quote}"
    return [
        *(f"name not in the quote: {n}" for n in _unheld_names(sentence, held)),
        *(f"number not in the quote: {n}" for n in _unheld_numbers(sentence, held)),
        *(f"not in the quote: {word}" for word in sorted(_bounds(sentence) - _held_bounds(held))),
        *_other_units(sentence, held),
        *altered_quotation(sentence, quote),
        *_turned_round(sentence, quote),
        *_opposed(sentence, counterpart(sentence, quote)),
    ]


def counterpart(sentence: str, quote: str) -> str:
    """The quote's sentence that has most of the words."""
    words = set(content_stems(sentence))
    parts = [quote[a:b] for a, b in sentences(quote)] or [quote]
    return max(parts, key=lambda part: len(words & set(content_stems(part))))


# --- quoted words --------------------------------------------------------------------------------


def plainly_marked(text: str) -> str:
    """With “double” quotation marks for ‘single’ ones, which else look like apostrophes."""
    return re.sub(
        r"(?<!\w)(?:‘|'(?=[^\W\d]))(?=\w)([^‘“”\n]{1,300}?)(?<=[\w.,!?…])[’'](?!\w)", r"“\1”", text
    )


def altered_quotation(sentence: str, quote: str) -> list[str]:
    """Words in quotation marks that are not the quote's."""
    said = re.findall(r"[“\"]([^”\"]+)[”\"]?", sentence)
    held = flat(quote)
    return [f"not the quote's words: {s}" for s in said if flat(s).strip(" .,;") not in held]


def flat(text: str) -> str:
    """In small letters, with plain quotation marks and spaces, and without a last stop."""
    straight = text.translate(str.maketrans("“”„«»‘’", '"""""\'\''))
    return " ".join(straight.casefold().split()).rstrip(".")


# --- denials -------------------------------------------------------------------------------------

_NOT = r"\b(?:not|no|never|none|nobody|nothing|neither|nor|without|cannot)\b|n['’]t\b"
_NO_DENIAL = re.compile(
    r"\b(?:not only|no doubt|no (?:fewer|less|more) than|nothing but|not until|not out|"
    r"no\. ?\d)\b",
    re.I,
)
# Other words that say that something is not: they may stand for "not", and "not" for them.
_DENIALS = set(stems("not no never none nobody nothing neither nor without cannot"))
_KEPT_FROM = re.compile(
    rf"(?:{_NOT}|\b(?:(?:free|clear) (?:of|from)|fail(?:s|ed|ing|ure)?|"
    r"refus(?:e|es|ed|ing|al)|declin(?:e|es|ed|ing)|"
    r"lack(?:s|ed|ing)?|den(?:y|ies|ied|ying|ial)|reject(?:s|ed|ing|ion)?|avoid(?:s|ed|ing)?|"
    r"stop(?:s|ped|ping)?|ban(?:s|ned|ning)?|forb(?:id|ids|ade|idden)|prohibit(?:s|ed|ing)?|"
    r"prevent(?:s|ed|ing)?|unable|illegal|unlikely|impossible|unknown|rul(?:e|es|ed|ing) out|"
    r"cancel(?:s|led|ling|ed)?|withdr(?:aw|aws|ew|awn|awing|awal)|disagree(?:s|d|ment)?|"
    r"disput(?:e|es|ed|ing)|oppos(?:e|es|ed|ing))\b)",
    re.I,
)


def _turned_round(sentence: str, quote: str) -> Iterator[str]:
    said, told = set(content_stems(sentence)), set(content_stems(quote))
    for stem in sorted(_denied(sentence) & told - _kept_from(quote)):
        yield f"denies {stem!r}, which the quote does not"
    lost = _denied(quote) & said - _kept_from(sentence) - _undenied(quote)
    for stem in sorted(lost.difference(*map(stems, names(quote)))):  # "neither Reed nor Cole"
        yield f"does not deny {stem!r}, which the quote does"


def _denied(text: str) -> set[str]:
    """The stems that a denying word stands before, by four words at most of its clause."""
    found: set[str] = set()
    text = _NO_DENIAL.sub(" ", text)
    for m in re.finditer(_NOT, text, re.I):
        clause = re.split(r"[,.;:“”\"]|\band\b", text[m.end() :], maxsplit=1)[0]
        found |= set(content_stems(" ".join(clause.split()[:4]))[:2])
    return found - _DENIALS


def _kept_from(text: str) -> set[str]:
    """The stems that any word for "not" stands before in their sentence, by twelve at most."""
    found: set[str] = set()
    text = _NO_DENIAL.sub(" ", text)
    for m in _KEPT_FROM.finditer(text):
        clause = re.split(r"[,.;:“”\"]|\bbut\b", text[m.end() :], maxsplit=1)[0]
        found |= set(content_stems(" ".join(clause.split()[:12])))
    return found


def _undenied(text: str) -> set[str]:
    """The stems that stand more often in the text than they are denied in it."""
    return {
        stem
        for stem, count in Counter(content_stems(text)).items()
        if count > 1 or stem not in _denied(text)
    }


_NO_OPPOSITE = re.compile(
    r"\b(?:at (?:last|first)|last (?:year|week|month|night)|quite a few|"
    r"(?:no|not) (?:more|fewer|less) than|no longer)\b",
    re.I,
)


def _opposed(sentence: str, nearest: str) -> Iterator[str]:
    """Words whose opposite the quote has, but "not known" for "unknown"."""
    said, told = (_NO_OPPOSITE.sub(" ", text) for text in (sentence, nearest))
    if not re.search(r"\bat most\b", f"{sentence} {nearest}", re.I):
        said, told = (re.sub(r"\bat least\b", " ", text, flags=re.I) for text in (said, told))
    there = set(stems(nearest))
    for stem in opposed(said, told):
        denied = stem in _kept_from(sentence)
        if denied == bool(opposites_of(stem) & there & _kept_from(nearest)):
            yield f"the quote has the opposite of {stem!r}"


# --- names ---------------------------------------------------------------------------------------


def names(text: str) -> list[str]:
    """Words with a capital, but for the common ones that open a sentence."""
    found = []
    for match in re.finditer(r"[^\W\d_][\w'’-]*", text):
        word = re.sub(r"['’]s?$", "", match[0])
        before = text[max(0, match.start() - 20) : match.start()]
        first = not re.search(r"[\w,;:)]['\"”’)]*\s*[\"'“‘(]*$", before)
        opens = first and (word.casefold() in _OPENERS or re.search(r"[a-z](?:ly|ing|ed)$", word))
        of_a_number = before[-1:].isdigit()  # 30C
        if any(c.isupper() for c in word) and not opens and not of_a_number:
            found.append(word)
    return [name for name in found if content_stems(name)]


_OPENERS = frozenset(
    """
    a an the this that these those it he she they we i in on at by for from of to as and but or if
    when while after before since during because although according however also both all some
    many most more there no not one two three several his her their its our my what who
    once over under fewer less about around near nearly above upwards according only just even yet
    still then now here such each every any either neither nobody nothing until unless with without
    between among within through against despite into onto like unlike people men women
    others roughly
    """.split()
)
# What opens sentences in the news, and is no name for that.
_COMMON_OPENERS = frozenset(
    """
    officers police detectives prosecutors investigators researchers scientists experts doctors
    nurses teachers pupils students parents children workers staff residents neighbours campaigners
    critics supporters fans protesters activists voters officials ministers councillors leaders
    lawyers judges jurors witnesses victims survivors passengers drivers firefighters soldiers
    engineers farmers shoppers customers families relatives visitors tourists players managers
    directors bosses unions firms companies banks schools hospitals councils charities towns cities
    talks tests trials results figures prices sales profits shares costs fees taxes wages jobs
    unemployment inflation temperatures closure closures plans proposals repairs work works
    construction evidence information details documents emails letters reports records rescue
    approximately early injured married armed wounded experienced leading remaining existing
    participants thanks
    thousands hundreds dozens millions half today yesterday tomorrow last next later earlier ago
    """.split()
)
_SUFFIXED = re.compile(  # "Sally won", "Boeing said", but "Reportedly, it", "Speaking in Leeds"
    r"(?:^|(?<=[.?!] ))([A-Z]\w*(?:ly|ing|ed))\b"
    r"(?!,| (?:in|on|by|to|at|of|about|for|from|as|with|after|when|why|how|the|a|an|his|her|their|"
    r"its|that|up|out)\b)"
)
_INITIALS = (
    (r"(?:the )?United States(?: of America)?|U\.S\.(?:A\.)?|USA", "US"),
    (r"(?:the )?United Nations|U\.N\.", "UN"),
    (r"(?:the )?European Union|E\.U\.", "EU"),
    (r"(?:the )?United Kingdom|U\.K\.", "UK"),
)
# Countries with what is theirs, and other names of two forms.
_PEOPLES = """
    us american americans america / uk britain british britons / afghanistan afghan afghans /
    albania albanian albanians / algeria algerian / argentina argentine argentinian / armenia
    armenian / australia australian australians / austria austrian austrians / azerbaijan
    azerbaijani / bangladesh bangladeshi / belarus belarusian / belgium belgian belgians /
    bolivia bolivian / bosnia bosnian / brazil brazilian brazilians / bulgaria bulgarian /
    cambodia cambodian / cameroon cameroonian / canada canadian canadians / chile chilean /
    china chinese / colombia colombian / congo congolese / croatia croatian / cuba cuban cubans
    / cyprus cypriot / czechia czech / denmark danish danes / ecuador ecuadorian / egypt
    egyptian egyptians / england english / estonia estonian / ethiopia ethiopian / finland
    finnish finns / france french / georgia georgian / germany german germans / ghana ghanaian /
    greece greek greeks / haiti haitian / hungary hungarian / iceland icelandic / india indian
    indians / indonesia indonesian / iran iranian iranians / iraq iraqi iraqis / ireland irish /
    israel israeli israelis / italy italian italians / jamaica jamaican / japan japanese /
    jordan jordanian / kazakhstan kazakh / kenya kenyan kenyans / korea korean koreans / kosovo
    kosovan / kurdistan kurdish kurds / latvia latvian / lebanon lebanese / liberia liberian /
    libya libyan / lithuania lithuanian / malaysia malaysian / mali malian / malta maltese /
    mexico mexican mexicans / mongolia mongolian / morocco moroccan / myanmar burmese / nepal
    nepalese / netherlands dutch / niger nigerien / nigeria nigerian nigerians / norway
    norwegian norwegians / pakistan pakistani pakistanis / palestine palestinian palestinians /
    peru peruvian / philippines filipino / poland polish poles / portugal portuguese / romania
    romanian / russia russian russians / rwanda rwandan / scotland scottish scots / serbia
    serbian serbs / singapore singaporean / slovakia slovak / slovenia slovenian / somalia
    somali / spain spanish / sudan sudanese / sweden swedish swedes / switzerland swiss / syria
    syrian syrians / taiwan taiwanese / tanzania tanzanian / thailand thai / tunisia tunisian /
    turkey turkish turks / uganda ugandan / ukraine ukrainian ukrainians / uruguay uruguayan /
    venezuela venezuelan / vietnam vietnamese / wales welsh / yemen yemeni / zambia zambian /
    zimbabwe zimbabwean / europe european europeans / africa african africans / asia asian
    asians / rome roman / london londoner londoners / paris parisian / conservative
    conservatives tory tories / democrat democrats democratic / republican republicans / olympic
    olympics / monday mondays / tuesday tuesdays / wednesday wednesdays / thursday thursdays /
    friday fridays / saturday saturdays / sunday sundays
"""
_PEOPLE = {word: i for i, group in enumerate(_PEOPLES.split("/")) for word in group.split()}


def _unheld_names(sentence: str, held: str) -> list[str]:
    for form, short in _INITIALS:
        sentence, held = (re.sub(rf"\b(?:{form})(?!\w)", short, t) for t in (sentence, held))
    found = [*names(sentence), *(m[1] for m in _SUFFIXED.finditer(sentence))]
    first = re.match(r"\W*([^\W\d_]+)", sentence)
    opening = first[1] if first else ""
    return [
        name
        for name in dict.fromkeys(found)
        if not (name == opening and name.casefold() in _COMMON_OPENERS | _OPENERS)
        and not all(part.casefold() in _NUMBER_WORDS for part in name.split("-"))
        and not _named(name, held)
    ]


def _named(name: str, text: str) -> bool:
    """Whether the text holds the name, its country ("Kenyan": Kenya), or what its letters mean."""
    words = [re.sub(r"['’]s?$", "", w) for w in re.findall(r"[^\W_][\w’'-]*", text)]
    small = {word.casefold() for word in words} | {
        p for w in words for p in w.casefold().split("-")
    }
    wanted = name.casefold()
    if wanted in small or all(part in small for part in re.split(r"[-’']", wanted)):
        return True
    if wanted in {f"{w}s" for w in small} | {w.removesuffix("s") for w in small} and (
        wanted not in _PEOPLE and _is_of_many(name, text)
    ):
        return True
    if wanted in _PEOPLE and any(
        _PEOPLE.get(w.casefold()) == _PEOPLE[wanted] for w in words if w[0].isupper()
    ):
        return True
    if not name[0].isupper() or wanted.removesuffix("s") in {
        w.casefold() for w in words if w.islower()
    }:
        return _within(stems(name), text)
    return (
        name.isupper() and len(name) > 1 and name in "".join(w[0] for w in words if w[0].isupper())
    )


def _is_of_many(name: str, text: str) -> bool:
    """Whether it names one of a kind: the Muslims, a Christian, Green Party; not Ann Williams."""
    one = re.escape(name.removesuffix("s"))
    before = r"(?:the|an?|two|three|many|some|most|all|other|young|old)"
    return bool(re.search(rf"\b(?i:{before}) {one}s?\b|\b{one}s? Party\b", text))


def _within(words: Sequence[str], text: str) -> bool:
    return set(words) <= set(stems(text))


# --- numbers -------------------------------------------------------------------------------------

_NUMBER_WORDS = {
    **{
        word: str(value)
        for value, word in enumerate(
            "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
            "fifteen sixteen seventeen eighteen nineteen twenty".split()
        )
        if word != "one"  # a pronoun too
    },
    **{
        word: str(10 * value)
        for value, word in enumerate(
            "thirty forty fifty sixty seventy eighty ninety hundred".split(), start=3
        )
    },
    "thousand": "1000",
    "million": "1000000",
    "billion": "1000000000",
    "dozen": "12",
    "first": "1",
    "second": "2",
    "third": "3",
    **{
        word: str(value)
        for value, word in enumerate(
            "fourth fifth sixth seventh eighth ninth tenth eleventh twelfth".split(), start=4
        )
    },
    "half": "1/2",
    "twice": "2",
}


def numbers(text: str) -> list[str]:
    """Numbers, "1,000" as 1000 and "three" as 3."""
    digits = re.findall(r"\d+(?:[.,]\d+)*", text)
    words = re.findall(r"[a-z]+", text.casefold())
    spelled = [_NUMBER_WORDS[w] for w in words if w in _NUMBER_WORDS]
    return [d.replace(",", "") for d in digits] + spelled


_AT_LEAST = r"(?:more than|over|at least|upwards of|exceed(?:s|ed|ing)?|above)\s+[£$€]?"


def _unheld_numbers(sentence: str, text: str) -> list[str]:
    """Numbers that the text lacks; "over 100" is held where it has one from 100 to 200."""
    compound = re.search(rf"\b(?:{_TENS})[- ](?:{_ONES})\b", sentence, re.I)
    held = {*numbers(text), *_otherwise_written(text, apart=bool(compound))}
    values = [v for v in map(_value, numbers(text)) if v is not None]
    values = [v for v in values if not 1000 <= v <= 2100]  # a year is no number of anything
    found = []
    for n in dict.fromkeys(numbers(sentence)):
        least = re.search(rf"{_AT_LEAST}{re.escape(n)}\b", sentence.replace(",", ""), re.I)
        figure = _value(n)
        more = least and figure is not None and any(figure <= v <= 2 * figure for v in values)
        if n not in held and not more:
            found.append(n)
    return found


def _value(number: str) -> float | None:
    """Of "10.30.2020" None, and of what is too long to be meant."""
    return float(number) if re.fullmatch(r"\d{1,15}(?:\.\d{1,9})?", number) else None


_TENS = "twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
_ONES = "one|two|three|four|five|six|seven|eight|nine"
_TIMES = {"m": 10**6, "mn": 10**6, "bn": 10**9, "k": 10**3, "thousand": 10**3, "million": 10**6}
_TIMES |= {"billion": 10**9, "tn": 10**12, "trillion": 10**12, "hundred": 100}


def _round(text: str) -> Iterator[tuple[int, int]]:
    """Its figures of whole tenths of a thousand, million or billion, each with that."""
    for written in re.findall(r"\b\d[\d,]{3,15}\b", text):
        figure = written.replace(",", "")
        if re.fullmatch(r"1[89]\d\d|20\d\d", written):
            continue  # a year
        for many in _MANY:
            if int(figure) >= many and int(figure) % (many // 10) == 0:
                yield int(figure), many


def _otherwise_written(text: str, *, apart: bool) -> set[str]:
    """The text's numbers as others write them: "£4m" is 4000000 and million, "both" is 2.

    `apart`: "25" is 20 and 5 too, where the other text spells such a number.
    """
    low = text.casefold().replace(",", "")
    found: set[str] = set()
    for a, b in re.findall(rf"(?<![\d.])(\d{{1,9}}(?:\.\d{{1,6}})?)\s?({'|'.join(_TIMES)})\b", low):
        found |= {f"{float(a) * _TIMES[b]:.0f}", str(_TIMES[b])}
    for a, b in re.findall(
        rf"\b({_ONES}|ten|twenty|fifty) (hundred|thousand|million|billion)\b", low
    ):
        found.add(str(int(_NUMBER_WORDS.get(a, "1")) * _TIMES[b]))
    for a, many in _round(text):
        found |= {f"{a / many:g}", str(many)}
    for a, b in re.findall(rf"\b({_TENS})[- ]({_ONES})\b", low):
        found.add(str(int(_NUMBER_WORDS[a]) + int(_NUMBER_WORDS.get(b, "1"))))
    for a in re.findall(r"\b[2-9]\d\b", low) if apart else ():
        found |= {str(int(a) // 10 * 10), a[1]}
    for a, b in re.findall(r"\b(\d{1,2})\.(\d\d)\s?[ap]\.?m", low):
        found |= {a, b}
    for a in re.findall(r"\b(\w+) decades?\b", low):
        many = _NUMBER_WORDS.get(a, a)
        found.add(str(10 * int(many)) if re.fullmatch(r"[0-9]{1,3}", many) else "10")
    found |= {"1"} if re.search(r"\b(?:one|an?)\b", low) else set()
    found |= {"2"} if re.search(r"\b(?:both|couple|pair|fortnight|twins)\b", low) else set()
    return found


# --- measures ------------------------------------------------------------------------------------

# Words of time, direction and measure, of which another is another fact. In a group all mean one.
_BOUNDS = [
    group.split("/")
    for group in """
        january/jan february/feb march april may june/jun july/jul august/aug september/sept/sep
        october/oct november/nov december/dec monday/mondays tuesday/tuesdays wednesday/wednesdays
        thursday/thursdays friday/fridays saturday/saturdays sunday/sundays spring summer
        autumn/fall winter noon/midday midnight dawn dusk morning afternoon evening a.m./am p.m./pm
        yesterday tomorrow north/northern south/southern east/eastern west/western
        north-east/northeast north-west/northwest south-east/southeast south-west/southwest
        week/weeks/weekly/fortnight/fortnights month/months/monthly day/days/daily decade/decades
        century/centuries hour/hours/hourly minute/minutes percent/percentage/cent/%
        thousand/thousands million/millions billion/billions/bn trillion/trillions
        kilometre/kilometres/kilometer/kilometers/km mile/miles metre/metres/meter/meters foot/feet
        inch/inches yard/yards centimetre/centimetres/cm tonne/tonnes ton/tons
        kilogram/kilograms/kilo/kilos/kg gram/grams pound/pounds/£ ounce/ounces dollar/dollars/$
        euro/euros/€ rupee/rupees/₹ yen/¥ peso/pesos franc/francs knot/knots
        acre/acres hectare/hectares litre/litres/liter/liters gallon/gallons
        celsius fahrenheit megawatt/megawatts/mw
    """.split()
]
_BOUND = {word: group[0] for group in _BOUNDS for word in group}
_OTHERWISE = frozenset("may march spring fall".split())  # which mean other things too
_DATED = re.compile(
    r"(?:\d|\b(?:in|of|since|until|by|from|last|next|this|the|late|early|mid))[- ]"
    r"((?-i:May|March)|spring|fall)\b|\b((?-i:May|March))(?= \d)",
    re.I,
)


def _bounds(text: str) -> set[str]:
    """The groups that words of the text belong to, by each group's first word."""
    words = re.findall(
        r"[£$€₹¥%]|\b[ap]\.m\.|(?<=\d)[a-z]+\b|\b[a-z]+(?:-[a-z]+)*", text.casefold()
    )
    words = [word for word in words if word not in _OTHERWISE]
    words += [(a or b).casefold() for a, b in _DATED.findall(text)]
    words += [_MANY[many] for many in dict(_round(text)).values()]  # of each the largest
    words += [
        word for short in _SHORT_UNIT.findall(text) for word in _UNITS_SHORT[short.casefold()]
    ]
    return {_BOUND[word] for word in words if word in _BOUND}


def _held_bounds(text: str) -> set[str]:
    """The same, where "5m" may be metres or millions."""
    return _bounds(text) | ({"metre", "million"} if re.search(r"\d\s?m\b", text) else set())


_MANY = {10**3: "thousand", 10**6: "million", 10**9: "billion"}
# Units as they stand behind a figure.
_UNITS_SHORT = {
    "ft": ("foot",),
    "lb": ("pound",),
    "lbs": ("pound",),
    "mph": ("mile", "hour"),
    "kph": ("kilometre", "hour"),
    "c": ("celsius",),
    "f": ("fahrenheit",),
    "bn": ("billion",),
    "pc": ("percent",),
}
_SHORT_UNIT = re.compile(rf"\d\s?({'|'.join(_UNITS_SHORT)})\b", re.I)
_MEASURED = re.compile(
    r"(?<![\w.,])(\d[\d,.]*|[a-z]+)[- ]"
    r"(years?|months?|weeks?|days?|hours?|minutes?|seconds?|percentage points?|per ?cent|%|grams?|"
    r"milligrams?|kilograms?|rupees|yen|francs|pesos|knots|mph)(?!\w)",
    re.I,
)


def _other_units(sentence: str, text: str) -> list[str]:
    """A number that both have and each measures something else with: 12 months, 12 years."""
    said, told = (_measured(t) for t in (sentence, text))
    return [
        f"{n} {'/'.join(sorted(units))}, where the quote has {'/'.join(sorted(told[n]))}"
        for n, units in said.items()
        if told.get(n) and not units & told[n]
    ]


def _measured(text: str) -> dict[str, set[str]]:
    """The units of each number."""
    found = defaultdict[str, set[str]](set)
    for number, unit in _MEASURED.findall(text):
        unit = unit.casefold().replace("per cent", "%").replace("percent", "%").removesuffix("s")
        for n in numbers(number):
            found[n].add(unit)
    return dict(found)
