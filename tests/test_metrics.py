"""Each measure against examples worked by hand, and those of retrieval against trec_eval too."""

import math
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answer import Citation
from rag.intervals import Interval
from rag.metrics import (
    Point,
    abstention,
    aurc,
    citation_precision,
    citation_recall,
    ece,
    exact_match,
    gold_in_answer,
    gold_in_first_sentence,
    gold_judge,
    grade,
    ndcg_at,
    normalised,
    quote_exactness,
    recall_at,
    reciprocal_rank_at,
    risk_coverage,
    success_at,
    token_f1,
)

EVIDENCE = "The council closed the old bridge on Friday after cracks were found"

# --- which chunks hold the evidence ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("chunk", "expected"),
    [
        (f"It rained. {EVIDENCE}. It stays closed.", 2),
        (f"It rained. {EVIDENCE.replace(' ', '  ')}.".replace("old  bridge", "old\nbridge"), 2),
        ("It rained. The council closed the old bridge on Thursday.", 1),  # 7 of 12 in a row
        ("It rained. The council closed the old railway bridge on Monday.", 0),  # 5 of them
        ("It rained. The council closed the old", 1),  # 5 of them, at the chunk's end
        ("after cracks were found. Nobody was hurt.", 1),  # 4, at its beginning
        ("cracks were found. Nobody was hurt.", 0),  # 3 may be chance
        ("bridge on Friday after", 1),  # nothing but evidence
        ("found were cracks after Friday on bridge old the closed council The", 0),
        ("", 0),
    ],
)
def test_a_chunk_is_graded_by_how_much_of_the_evidence_it_holds(chunk: str, expected: int) -> None:
    assert grade(chunk, [EVIDENCE]) == expected


def test_a_chunk_has_the_grade_of_the_evidence_it_holds_most_of() -> None:
    assert grade("Nobody was hurt.", [EVIDENCE, "Nobody was hurt"]) == 2


def test_evidence_of_few_words_has_no_half() -> None:
    """Half of "Mark Rowley" is in every chunk about another Mark."""
    assert grade("Mark Williams spoke.", ["Mark Rowley"]) == 0
    assert grade("mark rowley spoke.", ["Mark Rowley"]) == 1  # all its words, not its letters


@pytest.mark.parametrize("evidence", [[], [""], [" \n"], ["…"]])
def test_without_evidence_no_chunk_is_relevant(evidence: list[str]) -> None:
    assert grade("It rained.", evidence) == 0


# --- retrieval ------------------------------------------------------------------------------------


def test_success_is_one_relevant_chunk_among_the_first_k() -> None:
    grades = [0, 0, 1, 2]
    assert [success_at(k, grades) for k in (1, 2, 3, 4)] == [0, 0, 1, 1]


def test_success_can_ask_for_the_whole_evidence() -> None:
    assert [success_at(k, [0, 0, 1, 2], least=2) for k in (3, 4)] == [0, 1]


def test_recall_is_the_share_of_the_relevant_chunks_that_are_found() -> None:
    assert recall_at(3, [1, 0, 2, 1], existing=[2, 1, 1, 1]) == 0.5


def test_the_reciprocal_rank_is_of_the_first_relevant_chunk() -> None:
    assert reciprocal_rank_at(10, [0, 0, 1, 2]) == 1 / 3


def test_there_is_no_reciprocal_rank_below_k() -> None:
    assert reciprocal_rank_at(10, [0] * 10 + [2]) == 0


def test_the_gain_of_a_grade_fades_with_the_logarithm_of_its_rank() -> None:
    """1 at rank 1 and 2 at rank 3, where the best is 2 at rank 1 and 1 at rank 2."""
    assert ndcg_at(10, [1, 0, 2], existing=[1, 2]) == (1 + 2 / 2) / (2 + 1 / math.log2(3))


def test_the_best_order_ends_at_k_too() -> None:
    assert ndcg_at(1, [1, 1], existing=[1, 1]) == 1


def test_where_nothing_is_relevant_there_is_nothing_to_recall() -> None:
    assert recall_at(10, [0, 0], existing=[]) is None
    assert ndcg_at(10, [0, 0], existing=[]) is None


@given(
    grades=st.lists(st.sampled_from([0, 1, 2]), min_size=1, max_size=25),
    missed=st.lists(st.sampled_from([1, 2]), max_size=5),
)
def test_retrieval_is_measured_as_trec_eval_does(grades: list[int], missed: list[int]) -> None:
    existing = [g for g in grades if g] + missed
    if existing:
        for name, value in trec_eval(grades, missed).items():
            assert ours(name, grades, existing) == pytest.approx(value), name


def trec_eval(grades: Sequence[int], missed: Sequence[int]) -> dict[str, float]:
    """The measures by ir-measures, which asks trec_eval."""
    library: Any = pytest.importorskip("ir_measures")
    names = ["Success@1", "Success@5", "R@10", "RR@10", "nDCG@10", "Success(rel=2)@3"]
    relevant = {f"found {i}": g for i, g in enumerate(grades) if g}
    relevant |= {f"missed {i}": g for i, g in enumerate(missed)}
    ranking = {f"found {i}": float(-i) for i in range(len(grades))}
    measures = [library.parse_measure(name) for name in names]
    found = library.calc_aggregate(measures, {"q": relevant}, {"q": ranking})
    return {name: found[measure] for name, measure in zip(names, measures, strict=True)}


def ours(name: str, grades: Sequence[int], existing: Sequence[int]) -> float | None:
    return {
        "Success@1": success_at(1, grades),
        "Success@5": success_at(5, grades),
        "Success(rel=2)@3": success_at(3, grades, least=2),
        "R@10": recall_at(10, grades, existing),
        "RR@10": reciprocal_rank_at(10, grades),
        "nDCG@10": ndcg_at(10, grades, existing),
    }[name]


# --- answers --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The  Council's\n bridge!", "councils bridge"),
        ("An A-road, a theatre.", "aroad theatre"),
        ("‘Council’s’ “bridge” – 1914–18…", "councils bridge 191418"),
        ("the police—who were late", "police who were late"),
        ("$5, £6, 7%", "5 £6 7"),
        ("The a an", ""),
    ],
)
def test_case_punctuation_articles_and_gaps_do_not_count(text: str, expected: str) -> None:
    assert normalised(text) == expected


def test_an_exact_match_is_one_of_the_gold_answers() -> None:
    assert exact_match("The Mayor.", ["a councillor", "mayor"]) == 1
    assert exact_match("the old mayor", ["a councillor", "mayor"]) == 0


def test_f1_weighs_the_words_in_common_against_those_of_both() -> None:
    """2 in common, of 3 and of 4."""
    assert token_f1("the old city mayor", ["city mayor Jane Doe"]) == 2 * 2 / (3 + 4)


def test_f1_is_of_the_gold_answer_that_fits_best() -> None:
    assert token_f1("city mayor", ["Jane Doe", "the mayor"]) == 2 * 1 / (2 + 1)


def test_a_word_counts_in_f1_as_often_as_both_have_it() -> None:
    assert token_f1("New York New York", ["York York New"]) == 2 * 3 / (4 + 3)


def test_an_answer_without_words_is_never_right() -> None:
    """Nor where the gold has none that count: then those it has are compared as they are."""
    assert [token_f1("", [gold]) for gold in ("A", "%", "mayor")] == [0, 0, 0]
    assert [exact_match(said, ["A"]) for said in ("a", "B")] == [1, 0]


def test_without_a_gold_answer_nothing_is_said_of_the_answer() -> None:
    assert {measure("x", []) for measure in (exact_match, token_f1, gold_in_answer)} == {None}


def test_a_gold_answer_stands_in_an_answer_word_by_word() -> None:
    assert gold_in_answer("Work began in May 2014, “on time”.", ["2013", "May, 2014"]) == 1
    assert gold_in_answer("Work began in 2014, and in May.", ["May 2014"]) == 0


def test_a_gold_answer_within_a_word_or_number_does_not_count() -> None:
    assert gold_in_answer("The party was fined 2014 pounds.", ["art", "201"]) == 0
    assert gold_in_answer("It rose 5.9 % in the 1980s, to 3,000.", ["5", "9", "1980", "3"]) == 0


@pytest.mark.parametrize(
    ("answer", "gold"),
    [
        ("He is a non-smoker.", "smoker"),
        ("He won't resign.", "won"),
        ("Covid-19 killed many.", "19"),
        ("It was a 3-2 win.", "3"),
        ("From 9, 11 people came.", "9/11"),
        ("It is a grade.", "A"),
    ],
)
def test_a_part_of_a_word_that_says_something_else_does_not_count(answer: str, gold: str) -> None:
    assert gold_in_answer(answer, [gold]) == 0


def test_a_gold_answer_that_is_but_a_letter_is_looked_for_as_it_is_written() -> None:
    assert gold_in_answer("The best grade is A.", ["A"]) == 1


@pytest.mark.parametrize(
    ("answer", "gold"),
    [
        ("It has a five-year term.", "five"),
        ("It paid US$100 million.", "$100 million"),
        ("He blamed the Ming court's silence.", "the Ming court"),
        ("It was in the U.S. then.", "US"),
    ],
)
def test_words_are_told_apart_at_hyphens_and_signs(answer: str, gold: str) -> None:
    assert gold_in_answer(answer, [gold]) == 1


def test_yes_and_no_are_answers_only_where_an_answer_begins_with_them() -> None:
    """There is a "no" in most texts that are long."""
    assert gold_in_answer("There was no timetable.", ["no"]) == 0
    assert gold_in_answer("No, there was none.", ["no", "none at all"]) == 1
    assert gold_in_answer("There was no timetable.", ["no", "no timetable"]) == 1


def test_the_markers_of_citations_are_not_part_of_the_answer() -> None:
    assert gold_in_answer("Several were closed. [2]", ["2"]) == 0


def test_the_first_sentence_is_what_a_person_reads_first() -> None:
    answer = "The mayor spoke. [1] The council closed it. [2]"
    assert gold_in_first_sentence(answer, ["the mayor"]) == 1
    assert gold_in_first_sentence(answer, ["council"]) == 0
    assert gold_in_first_sentence("", ["council"]) == 0


# --- citations ------------------------------------------------------------------------------------

SUPPORTS = gold_judge(["Jane Doe"], [EVIDENCE])


@pytest.mark.parametrize(
    ("quotes", "expected"),
    [
        (["It was jane doe’s idea", "Rain."], True),
        (["What jane does", "Rain."], False),
        (["It was “Jane Doe”, they say."], True),
        (["The old bridge on Friday after cracks were mended."], True),  # 7 of its 12 words
        (["The old bridge on Friday was safe."], False),  # 4 of them
        (["The council closed", "the old bridge"], True),  # together
        ([], False),
    ],
)
def test_quotes_support_what_they_hold_gold_for(quotes: list[str], expected: bool) -> None:
    assert SUPPORTS("Whatever is said.", quotes) == expected


def test_citation_recall_is_the_share_of_supported_sentences() -> None:
    cited = [
        ("A.", ["Jane Doe did."]),
        ("B.", ["Rain.", "Snow."]),
        ("C.", []),
        ("D.", ["Jane Doe"]),
    ]
    assert citation_recall(cited, SUPPORTS) == 2 / 4


def test_a_citation_is_needed_when_it_supports_by_itself() -> None:
    assert citation_precision([("A.", ["Jane Doe did.", "Rain."])], SUPPORTS) == 1 / 2
    assert citation_precision([("A.", ["Jane Doe did.", "By Jane Doe."])], SUPPORTS) == 1


def test_a_citation_is_needed_when_the_others_do_not_support_without_it() -> None:
    cited = [("A.", ["The council closed", "the old bridge", "Rain."])]
    assert citation_precision(cited, SUPPORTS) == 2 / 3


def test_no_citation_of_an_unsupported_sentence_is_needed() -> None:
    assert citation_precision([("A.", ["Rain."]), ("B.", ["Jane Doe"])], SUPPORTS) == 1 / 2


def test_a_sentence_without_a_citation_is_unsupported_whoever_judges() -> None:
    assert citation_recall([("A.", [])], lambda _sentence, _quotes: True) == 0


def test_the_sentence_is_there_for_judges_that_read_it() -> None:
    def judge(sentence: str, quotes: Sequence[str]) -> bool:
        return sentence in quotes

    cited = [("Rain.", ["Rain."]), ("Rain.", ["Snow."])]
    assert citation_recall(cited, judge) == citation_precision(cited, judge) == 1 / 2


def test_where_nothing_is_said_or_cited_there_is_nothing_to_judge() -> None:
    assert citation_recall([], SUPPORTS) is None
    assert citation_precision([("A.", [])], SUPPORTS) is None


def citation(quote: str, start: int, end: int, article_id: str = "a1") -> Citation:
    source = ("title", None, None, ())
    return Citation(1, article_id, 1, *source, quote, start, end, (), None, None)


def test_a_quote_is_exact_where_every_character_stands_at_its_place() -> None:
    texts = {"a1": "It rained. It rained."}
    exact = [citation("It rained.", 0, 10), citation("It rained.", 11, 21)]
    assert quote_exactness(exact, texts) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        citation("it rained.", 0, 10),
        citation("It rained.", 1, 11),
        citation("It rained.", -10, 21),
        citation("It rained.", 0, 10, article_id="a2"),
        citation("", 5, 5),
    ],
)
def test_one_inexact_quote_of_two_is_a_half(wrong: Citation) -> None:
    texts = {"a1": "It rained. It rained."}
    assert quote_exactness([citation("It rained.", 0, 10), wrong], texts) == 0.5


def test_without_quotes_none_is_inexact() -> None:
    assert quote_exactness([], {}) is None


# --- abstention and confidence --------------------------------------------------------------------


def of(interval: Interval | None) -> tuple[float, int] | None:
    return (interval.mean, interval.n) if interval else None


def test_abstaining_is_measured_on_the_unanswerable() -> None:
    """Three abstentions, two of them right; four unanswerable, six answerable questions."""
    abstained = [True, True, False, False, True, False, False, False, False, False]
    answerable = [False, False, False, False, True, True, True, True, True, True]
    found = abstention(abstained, answerable)
    assert of(found.precision) == (2 / 3, 3)
    assert of(found.recall) == (2 / 4, 4)
    assert of(found.f1) == (pytest.approx(2 * 2 / (3 + 4)), 5)
    assert of(found.false_rate) == (1 / 6, 6)


def test_who_never_abstains_has_no_precision() -> None:
    found = abstention([False, False], [True, False])
    assert (of(found.precision), of(found.recall)) == (None, (0, 1))


def test_the_risk_is_the_share_wrong_among_those_answered() -> None:
    assert risk_coverage([0.9, 0.1, 0.5, 0.7], [1, 0, 1, 0]) == [
        Point(0.25, 0),
        Point(0.5, 1 / 2),
        Point(0.75, 1 / 3),
        Point(1, 2 / 4),
    ]


def test_one_cannot_stop_among_questions_of_one_score() -> None:
    points = risk_coverage([0.9, 0.5, 0.5, 0.5], [1, 1, 0, 0])
    assert points == [Point(0.25, 0), Point(1, 0.5)]


def test_the_area_is_the_mean_risk_over_all_coverages() -> None:
    assert aurc([0.9, 0.1, 0.5, 0.7], [1, 0, 1, 0]) == pytest.approx(
        (0 + 1 / 2 + 1 / 3 + 1 / 2) / 4
    )


@given(st.lists(st.tuples(st.sampled_from([0.1, 0.5, 0.9]), st.booleans()), min_size=1))
def test_the_area_does_not_depend_on_the_order_of_the_questions(
    answers: list[tuple[float, bool]],
) -> None:
    there, back = (aurc(*zip(*order, strict=True)) for order in (answers, answers[::-1]))
    assert there == pytest.approx(back)


@given(st.lists(st.booleans(), min_size=1))
def test_a_score_that_says_nothing_has_the_share_wrong_for_area(right: list[bool]) -> None:
    assert aurc([0.5] * len(right), right) == pytest.approx(1 - sum(right) / len(right))


def test_without_questions_there_is_no_curve() -> None:
    assert risk_coverage([], []) == []


def test_calibration_error_is_the_gap_of_each_bin_by_its_size() -> None:
    """Two bins: 0.2 sure and half right, 0.9 sure and three quarters right."""
    sure, right = [0.1, 0.3, 0.9, 0.9, 0.9, 0.9], [0, 1, 1, 1, 1, 0]
    assert ece(sure, right, bins=2) == pytest.approx(
        abs(0.2 - 0.5) * 2 / 6 + abs(0.9 - 0.75) * 4 / 6
    )


def test_gaps_in_different_bins_do_not_cancel() -> None:
    assert ece([0.0, 1.0], [1, 0]) == 1


def test_a_confidence_on_an_edge_is_in_the_lower_bin() -> None:
    assert ece([0.5, 0.3], [0, 1], bins=2) == pytest.approx(abs(0.8 - 1) / 2)


def test_without_answers_nothing_is_said_of_calibration() -> None:
    assert ece([], []) is None
