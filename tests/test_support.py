"""Whether a quote says what a sentence says: the gates, the trained checker, and `rag support`."""

import json
import sys
from collections.abc import Iterator, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any, cast

import pytest
from conftest import Run
from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.append(str(Path(__file__).parents[1] / "scripts"))

import support_data
from fit_support import Scored, cross_fitted, platt, probability_of, stopped_share
from reading_data import Example
from support_data import Pair

from rag.facts import contradictions
from rag.reader import Reader, halved
from rag.verification import log_odds, verdict, windows

GOLD = Path(__file__).parent / "gold/support.jsonl"
QUOTE = (
    "On 3 May the mayor of Harwick, Tom Reed, opened the new library. It cost £4 million, he said, "
    "and was not late."
)


# --- the gates ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sentence",
    [
        "The new library in Harwick was opened by Tom Reed on 3 May.",
        "According to the mayor, the library cost four million pounds.",
        "More than £3 million was spent on the library.",
        "Reed said that it was on time.",
        "The Harwick library was not late.",
    ],
)
def test_a_free_wording_passes_the_gates(sentence: str) -> None:
    assert contradictions(sentence, QUOTE) == []


@pytest.mark.parametrize(
    ("sentence", "fault"),
    [
        ("Tim Reed opened the library.", "name not in the quote: Tim"),
        ("On 5 May Tom Reed opened the library.", "number not in the quote: 5"),
        ("On 3 June Tom Reed opened the library.", "not in the quote: june"),
        ("The library cost £4 billion.", "not in the quote: billion"),
        ("The library cost $4 million.", "not in the quote: dollar"),
        ("The library cost more than £1 million.", "number not in the quote: 1"),
        ("The library was late.", "does not deny 'late', which the quote does"),
        ("Tom Reed did not open the library.", "denies 'open', which the quote does not"),
        ("Reed called it a “splendid” library.", "not the quote's words: splendid"),
    ],
)
def test_a_gate_names_what_the_quote_lacks(sentence: str, fault: str) -> None:
    assert fault in contradictions(sentence, QUOTE)


@pytest.mark.parametrize(
    ("quote", "sentence"),
    [
        ("The firm failed to pay its staff.", "The firm did not pay its staff."),
        ("Neither Reed nor Cole attended.", "Reed and Cole did not attend."),
        ("There is no doubt that Reed lied.", "Reed lied."),
        ("No fewer than 50 people came.", "At least 50 people came."),
        ("The cause is not known.", "The cause is unknown."),
        ("The wall is 100m long.", "The wall is 100 metres long."),
        ("It made £5 million.", "It made £5m."),
        ("2,000,000 people voted.", "Two million people voted."),
        ("The two Muslim men were there.", "Two Muslims were there."),
        ("About 50 people came.", "Approximately 50 people came."),
        ("It grew over the past half decade.", "It grew over the past half decade."),
        ("It cost £4m.", "It cost £4 million."),
        ("1,500,000 people voted.", "1.5 million people voted."),
        ("Twenty-five people came.", "25 people came."),
        ("Both men resigned.", "The two men resigned."),
        ("It took three decades.", "It took 30 years."),
        ("It began at 7.30pm.", "It began at 7:30pm."),
        ("The wall is 6ft high.", "The wall is six feet high."),
        ("He is a French minister.", "He is a minister from France."),
        ("He flew to the United States.", "He flew to the US."),
        ("The UK has agreed.", "Britain has agreed."),
        ("Police said that it was closed.", "Officers said that it was closed."),
        ("It was a ‘total disgrace’, he said.", "He called it a “total disgrace”."),
    ],
)
def test_the_same_fact_written_otherwise_passes_the_gates(quote: str, sentence: str) -> None:
    assert contradictions(sentence, quote) == []


@pytest.mark.parametrize(
    ("quote", "sentence"),
    [
        ("He was jailed for 12 months.", "He was jailed for 12 years."),
        ("It took 40 minutes.", "It took 40 years."),
        ("It cost 50 rupees.", "It cost 50 yen."),
        ("In 1990 some 300 people died.", "More than 1,000 people died in 1990."),
        ("Spain won in Leeds.", "Beijing won in Leeds."),
        ("Mr. Cole resigned.", "Mr. Reed resigned."),
        ("An Austrian skier won.", "A skier from Australia won."),
        ("Ann Martin was there.", "Ann Martinez was there."),
        ("It was closed, he said.", "It was ‘splendid’, he said."),
        ("The bank cut rates.", "The bank did not cut rates."),
        ("Denise won the cup.", "Denise did not win the cup."),
        ("He refused to speak, but the council approved it.", "The council did not approve it."),
        ("He lives in Leeds.", "He no longer lives in Leeds."),
        ("It was closed before the fire.", "It was closed after the fire."),
        ("A man died in the year 2000.", "Two people died."),
    ],
)
def test_another_fact_that_looks_alike_does_not(quote: str, sentence: str) -> None:
    assert contradictions(sentence, quote)


def test_a_name_may_stand_in_the_title() -> None:
    sentence, quote = "They say that Harwick is open.", "They say that it is open."
    assert contradictions(sentence, quote, "News of Harwick") == []
    assert contradictions(sentence, quote) == ["name not in the quote: Harwick"]


@pytest.mark.parametrize(
    ("name", "quote"),
    [
        ("Kenyan", "Two runners from Kenya won."),
        ("Hungary", "A Hungarian minister was there."),
        ("EU", "The European Union has agreed."),
    ],
)
def test_a_country_and_its_people_are_one_name(name: str, quote: str) -> None:
    assert contradictions(f"They met {name} guests.", quote) == []


def test_may_is_a_month_only_where_it_is_one() -> None:
    assert contradictions("The bridge may open in June.", "The bridge might open in June.") == []
    assert contradictions("It opens in May.", "It opens in June.") == ["not in the quote: may"]


@pytest.mark.parametrize("kind", ["name", "number", "date", "place"])
def test_gates_stop_altered_facts_that_people_wrote(kind: str) -> None:
    rows = [row for row in gold() if row["kind"] == kind]
    stopped = [contradictions(row["sentence"], row["quote"], row["title"]) for row in rows]
    assert sum(map(bool, stopped)) >= 0.95 * len(rows)


def gold() -> list[dict[str, str]]:
    return [json.loads(line) for line in GOLD.read_text("utf-8").splitlines()]


def test_the_gold_is_large_varied_and_each_line_its_own() -> None:
    rows = gold()
    altered = [row for row in rows if not row["supported"]]
    assert len({(row["quote"], row["sentence"]) for row in rows}) == len(rows)
    assert len(altered) >= 220
    assert len(rows) - len(altered) >= 110


# --- windows --------------------------------------------------------------------------------------


@settings(max_examples=50)
@given(
    parts=st.lists(st.sampled_from(["It rained in Harwick. ", "Tom Reed spoke. ", "x" * 1500])),
    sentence=st.sampled_from(["Tom Reed spoke.", "Nothing.", ""]),
)
def test_windows_are_stretches_of_the_quote(parts: list[str], sentence: str) -> None:
    quote = "".join(parts)
    found = windows(sentence, quote, most=1_000, count=3)
    assert 1 <= len(found) <= 3
    assert all(part in quote and len(part) <= 1_000 for part in found)


FILLER = "The weather was mild and nobody minded at all. "


def test_of_a_long_quote_the_window_that_shares_its_words_is_read() -> None:
    quote = f"{FILLER * 80}The kiln was lit by Edda Quill. {FILLER * 80}"
    assert "Edda Quill" in windows("Edda Quill lit the kiln.", quote)[0]


def test_windows_lie_apart_so_that_what_stands_far_behind_is_read_too() -> None:
    """Many neighbours share as many words as the sentence that says it."""
    near = "Edda Quill went to the kiln. "
    quote = f"{FILLER * 30}{near * 3}{FILLER * 60}It was Edda Quill who lit it. {FILLER * 30}"
    found = windows("Edda Quill lit the kiln.", quote)
    assert len(found) == 3
    assert any("who lit it" in window for window in found)
    at = [(quote.index(window), quote.index(window) + len(window)) for window in found]
    for one, other in combinations(at, 2):
        within = min(one[1], other[1]) - max(one[0], other[0])
        assert within <= 0.5 * min(b - a for a, b in (one, other))


def test_of_equal_windows_the_earliest_is_read() -> None:
    assert windows("Nothing of it.", f"It begins here. {FILLER * 80}")[0].startswith("It begins")


def test_of_a_sentence_longer_than_a_window_all_parts_may_be_read() -> None:
    quote = f"{'so it went on, ' * 150}and Edda Quill lit the kiln."
    assert any("Edda Quill" in window for window in windows("Edda Quill lit the kiln.", quote))


# --- the trained checker --------------------------------------------------------------------------

CLOSED = "The council closed the bridge in March after engineers found cracks in it."


def test_what_a_quote_says_is_supported_and_what_it_does_not_is_not(reader: Reader) -> None:
    said = verdict("The council closed the bridge after cracks were found.", "", CLOSED, reader)
    unsaid = verdict("The engineers were given a prize by the museum.", "", CLOSED, reader)
    assert said.support > 0.5 > unsaid.support


def test_several_sentences_are_as_well_supported_as_the_worst(reader: Reader) -> None:
    one, other = "The council closed the bridge.", "The museum gave the engineers a prize."
    both, first, second = (
        log_odds(said, "", CLOSED, reader) for said in (f"{one} {other}", one, other)
    )
    assert both == min(first, second)


class SureReader:
    """Stands in for a reader to which every quote says every sentence."""

    def support(
        self, sentence: str, quotes: Sequence[tuple[str, str]], *, stopped: bool = False
    ) -> list[float]:
        return [9.0] * len(quotes)


@pytest.mark.parametrize(
    ("sentence", "supported"),
    [
        ("On 3 May Tom Reed opened the new library.", True),
        ("On 5 May Tom Reed opened the new library.", False),
        ("Tim Reed opened the new library.", False),
        ("Tom Reed did not open the new library.", False),
    ],
)
def test_what_the_gates_stop_is_not_supported_however_sure_the_checker(
    sentence: str, supported: bool
) -> None:
    found = verdict(sentence, "", QUOTE, cast(Reader, SureReader()))
    assert found.supported == (found.support >= 0.5) == supported


def test_all_of_a_long_sentence_is_read(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []

    def logit(made: Any, outputs: Sequence[str]) -> list[list[float]]:
        sentence = [t for t, s in zip(made.tokens, made.sequence_ids, strict=True) if s == 0]
        assert 0 < len(sentence) < 160
        read.extend(sentence)
        return [[-1.0 if "museum" in sentence else 4.0]]

    monkeypatch.setattr(reader, "_open", lambda: None)
    monkeypatch.setattr(reader, "_run", logit)
    long = f"the museum burned down, {'and the mayor opened one more bridge of many, ' * 40}he said"
    least, other = reader.support(long, [("", QUOTE), ("", CLOSED)])
    (alone,) = reader.support("the museum burned down", [("", QUOTE)])
    assert least == other == alone
    assert "museum" in read
    assert read.count("bridge") == 80


@given(st.text(min_size=2, max_size=200))
def test_a_sentence_in_two_is_all_of_it(text: str) -> None:
    first, second = halved(text)
    assert first + second == text
    assert first
    assert second


def test_a_sentence_is_cut_where_a_clause_ends() -> None:
    assert halved("He came, and she saw that he had won.") == (
        "He came, ",
        "and she saw that he had won.",
    )


@settings(max_examples=20)
@given(sentence=st.text(max_size=2_000), quote=st.text(max_size=3_000))
def test_any_two_texts_can_be_held_against_each_other(
    sentence: str, quote: str, reader: Reader
) -> None:
    assert 0 <= verdict(sentence, "", quote, reader).support <= 1


# --- how its probability is fitted and measured ---------------------------------------------------


def pairs_with(logit: float, *, stopped: bool, right: int, wrong: int) -> list[Scored]:
    return [
        Scored(Pair("It is.", "", f"Quote {i}.", i < right, "made"), logit, stopped)
        for i in range(right + wrong)
    ]


def test_what_the_gates_stop_weighs_beside_the_logit() -> None:
    found = [
        *pairs_with(1.0, stopped=False, right=80, wrong=20),
        *pairs_with(1.0, stopped=True, right=20, wrong=80),
        *pairs_with(-1.0, stopped=False, right=50, wrong=50),
    ]
    fitted = platt(found, ("logit", "stopped"))
    assert fitted.weights["stopped"] < 0 < fitted.weights["logit"]
    free, held = (probability_of(found[i], fitted) for i in (0, 100))
    assert free > 0.7
    assert held < 0.3
    assert len(cross_fitted(found)) == len(found)


def test_the_share_that_is_stopped_is_of_pairs_and_its_chance_of_quotes() -> None:
    found = pairs_with(1.0, stopped=True, right=0, wrong=3)
    found += 3 * pairs_with(1.0, stopped=False, right=0, wrong=1)
    share = stopped_share(found, lambda s: not s.stopped)
    assert share is not None
    assert (share.mean, share.n) == (0.5, 3)


def test_no_pair_that_trains_shares_its_quote_with_one_that_measures(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kept = "Ann Cole opened the long bridge over the river at Harwick in the year 1990."
    other = "Tom Reed sold the old mill on the hill near Thornby to the town in 1985."
    asked = [
        Example(
            "When was the house opened?",
            "",
            text,
            ((text.index("1"), len(text) - 1),),
            True,
            "squad_train_part",
        )
        for text in (kept, other)
    ]

    def judged(_: Path, name: str, side: str = "train") -> Iterator[Pair]:
        if name in support_data.MEASURED:
            yield Pair("It is.", "", kept, True, name)

    monkeypatch.setattr(support_data, "judged", judged)
    monkeypatch.setattr(support_data, "reading", lambda _, name: asked)
    monkeypatch.setattr(
        support_data, "written", lambda _: [Pair("It is.", "", q, True, "w") for q in (kept, other)]
    )
    found = support_data.pairs(Path(), 0)
    assert {"w", "stated"} <= {pair.source for pair in found}
    assert {pair.quote for pair in found} == {other}


# --- the command ----------------------------------------------------------------------------------


def test_the_command_says_in_a_line_whether_it_is_supported(run: Run) -> None:
    done = run("support", "On 5 May Tom Reed opened the library.", "--quote", QUOTE)
    assert done.returncode == 1
    assert done.stdout.startswith("not supported, support 0.")
    assert done.stdout.endswith("number not in the quote: 5\n")


ROWS = [
    {"id": 7, "sentence": "Tom Reed opened the library.", "quote": QUOTE},
    {"id": 8, "sentence": "Jane Hale opened the library.", "quote": QUOTE},
    {"id": 9, "sentence": "Ann Lee spoke.", "quote": "She spoke.", "before": "Ann Lee came."},
    {"id": 10, "sentence": "Ann Lee spoke.", "quote": "She spoke.", "title": None},
]


@pytest.mark.parametrize("given", [["pairs.jsonl"], ["--batch", "pairs.jsonl"], ["-"], []])
def test_the_command_scores_pairs_of_a_file_or_of_stdin(
    given: list[str], run: Run, tmp_path: Path
) -> None:
    """That one of them is not supported is no fault: it is what was asked."""
    lines = "".join(json.dumps(row) + "\n" for row in ROWS)
    (tmp_path / "pairs.jsonl").write_text(lines, "utf-8")
    done = run("support", *given, stdin=lines)
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0
    assert [row["id"] for row in told] == [7, 8, 9, 10]
    assert told[0]["against"] == told[2]["against"] == []
    assert told[1]["against"] == [f"name not in the quote: {n}" for n in ("Jane", "Hale")]
    assert told[3]["against"] == [f"name not in the quote: {n}" for n in ("Ann", "Lee")]
    assert all(row["supported"] == (row["support"] >= 0.5) for row in told)


@pytest.mark.parametrize(
    ("arguments", "remedy"),
    [
        (["support", "It rained."], "name a readable file, or give the quote"),
        (["support", "It", "rained."], "It rained.: No such file"),
        (["support", "It rained." * 99], "with --quote TEXT"),
        (["support", "--quote", "It rained."], "give a sentence"),
        (["support", "It rained.", "--quote", "It rained.", "--batch", "x"], "give a sentence"),
        (["support", "x", "--batch", "x"], "give a sentence"),
        (["support", "--batch", "nowhere.jsonl"], "name a readable file"),
    ],
)
def test_a_call_that_lacks_something_says_what(run: Run, arguments: list[str], remedy: str) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert remedy in done.stderr
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""


@pytest.mark.parametrize(
    "line",
    [
        '{"sentence": "It rained."}',
        '{"sentence": "It rained.", "quote": " "}',
        '{"sentence": "It rained.", "quote": "It did.", "title": 7}',
        '{"sentence": "It rained.", "quote": "It did.", "before": ["It was dry."]}',
        "[]",
        "It rained.",
    ],
)
def test_a_line_that_is_no_pair_is_named(line: str, run: Run, tmp_path: Path) -> None:
    (tmp_path / "pairs.jsonl").write_text(f"\n{line}\n", "utf-8")
    done = run("support", tmp_path / "pairs.jsonl")
    assert done.returncode == 2
    assert "line 2 is not" in done.stderr
