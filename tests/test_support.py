"""Whether a quote says what a sentence says: the gates, the trained checker, and `rag support`."""

import json
from pathlib import Path

import pytest
from conftest import Run
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.reader import Reader
from rag.verification import contradictions, support, verdict, windows

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


def test_of_a_long_quote_the_window_that_shares_its_words_is_read() -> None:
    filler = "The weather was mild and nobody minded at all. " * 80
    quote = f"{filler}The kiln was lit by Edda Quill. {filler}"
    assert "Edda Quill" in windows("Edda Quill lit the kiln.", quote)[0]


# --- the trained checker --------------------------------------------------------------------------


def test_what_a_quote_says_is_supported_and_what_it_does_not_is_not(reader: Reader) -> None:
    quote = [("", "The council closed the bridge in March after engineers found cracks in it.")]
    said = support("The council closed the bridge after cracks were found.", quote, reader)
    unsaid = support("The engineers were given a prize by the museum.", quote, reader)
    assert said > 0.5 > unsaid


def test_several_sentences_are_as_well_supported_as_the_worst(reader: Reader) -> None:
    quote = [("", "The council closed the bridge in March after engineers found cracks in it.")]
    one, other = "The council closed the bridge.", "The museum gave the engineers a prize."
    both = support(f"{one} {other}", quote, reader)
    assert both == min(support(one, quote, reader), support(other, quote, reader))


def test_the_best_quote_counts(reader: Reader) -> None:
    quotes = [("", "It rained."), ("", "The council closed the bridge in March.")]
    sentence = "The council closed the bridge in March."
    assert support(sentence, quotes, reader) == max(
        support(sentence, [quote], reader) for quote in quotes
    )


@settings(max_examples=20)
@given(sentence=st.text(max_size=2_000), quote=st.text(max_size=3_000))
def test_any_two_texts_can_be_held_against_each_other(
    sentence: str, quote: str, reader: Reader
) -> None:
    assert 0 <= verdict(sentence, [("", quote)], reader).support <= 1


def test_a_sentence_without_a_quote_is_not_supported(reader: Reader) -> None:
    found = verdict("The bridge is closed.", [], reader)
    assert not found.supported
    assert found.against == ("it cites no quote",)


# --- the command ----------------------------------------------------------------------------------


def test_the_command_says_in_a_line_whether_it_is_supported(run: Run) -> None:
    done = run("support", "On 5 May Tom Reed opened the library.", "--quote", QUOTE)
    assert done.returncode == 1
    assert done.stdout.startswith("not supported, support 0.")
    assert done.stdout.endswith("number not in the quote: 5\n")


def test_the_command_scores_pairs_of_a_file(run: Run, tmp_path: Path) -> None:
    pairs = tmp_path / "pairs.jsonl"
    rows = [
        {"id": 7, "sentence": "Tom Reed opened the library.", "quote": QUOTE},
        {"id": 8, "sentence": "Jane Hale opened the library.", "quote": QUOTE},
    ]
    pairs.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    done = run("support", "--batch", pairs)
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row["id"] for row in told] == [7, 8]
    assert told[0]["against"] == []
    assert told[1]["against"] == [f"name not in the quote: {n}" for n in ("Jane", "Hale")]
    assert done.returncode == 1


@pytest.mark.parametrize(
    ("arguments", "remedy"),
    [
        (["support"], "give a sentence with --quote"),
        (["support", "It rained."], "add --quote"),
        (["support", "It rained.", "--quote", "It rained.", "--batch", "x"], "give a sentence"),
        (["support", "--batch", "nowhere.jsonl"], "name a readable file"),
    ],
)
def test_a_call_that_lacks_something_says_what(run: Run, arguments: list[str], remedy: str) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert remedy in done.stderr
    assert done.stdout == ""


def test_a_line_that_is_no_pair_is_named(run: Run, tmp_path: Path) -> None:
    (tmp_path / "pairs.jsonl").write_text('{"sentence": "It rained."}\n', "utf-8")
    done = run("support", "--batch", tmp_path / "pairs.jsonl")
    assert done.returncode == 2
    assert "line 1 is not" in done.stderr
