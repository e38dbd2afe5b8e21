"""Intervals hold what they should as often as they say, and tests tell chance from more."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from rag.intervals import (
    Interval,
    Values,
    bootstrap,
    bootstrap_of,
    holm,
    mcnemar,
    paired_bootstrap,
    percentile,
    ratio,
)
from rag.metrics import ece

TENTHS = [i / 10 for i in range(11)]
KNOWN: list[Callable[[list[float]], Interval | None]] = [
    bootstrap,
    lambda values: percentile(values, 50),
    lambda values: ratio([(v, 1.0) for v in values]),
    lambda values: bootstrap_of(lambda i: float(np.mean(np.array(values)[i])), len(values)),
]
makers = pytest.mark.parametrize("make", KNOWN, ids=["mean", "percentile", "ratio", "any"])


# --- intervals ------------------------------------------------------------------------------------


@makers
def test_the_figure_is_within_its_interval(make: Callable[[list[float]], Interval]) -> None:
    found = make(TENTHS)
    assert found.mean == pytest.approx(0.5)
    assert 0 < found.low < found.mean < found.high < 1
    assert found.n == 11


@makers
def test_the_same_values_have_the_same_interval(make: Callable[[list[float]], Interval]) -> None:
    assert make(TENTHS) == make(TENTHS)


@makers
def test_without_values_there_is_no_figure(make: Callable[[list[float]], Interval]) -> None:
    assert make([]) is None


@makers
def test_one_value_is_its_own_interval(make: Callable[[list[float]], Interval]) -> None:
    assert make([0.3]) == Interval(0.3, 0.3, 0.3, 1)


def test_values_of_none_are_left_out_and_not_counted() -> None:
    assert bootstrap([None, 0.0, None, 1.0]) == bootstrap([0.0, 1.0])
    assert percentile([None, 4.0], 95) == Interval(4, 4, 4, 1)
    assert bootstrap([None]) is None


def test_the_interval_of_a_mean_is_that_of_the_known_formula() -> None:
    """For many values the bootstrap's ends are the normal distribution's, mean ± 1.96 errors."""
    values = np.random.default_rng(1).random(1_000)
    found = bootstrap(values.tolist())
    error = 1.96 * values.std() / math.sqrt(1_000)
    assert found is not None
    assert (found.low, found.high) == pytest.approx(
        (values.mean() - error, values.mean() + error), abs=error / 15
    )


def test_an_interval_holds_the_truth_about_95_times_of_100() -> None:
    draw = np.random.default_rng(2)
    found = [bootstrap((draw.random(60) < 0.7).astype(float).tolist(), n=500) for _ in range(400)]
    held = sum(i is not None and i.low <= 0.7 <= i.high for i in found)
    assert 0.90 < held / 400 < 0.98


def test_many_questions_are_drawn_in_blocks_as_well_as_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = bootstrap(TENTHS)
    monkeypatch.setattr("rag.intervals._BLOCK", 100)
    assert bootstrap(TENTHS) == whole


def test_a_ratio_is_of_the_sums_and_not_the_mean_of_ratios() -> None:
    found = ratio([(1.0, 1.0), (1.0, 4.0), (0.0, 0.0), None])
    assert found is not None
    assert (found.mean, found.n) == (2 / 5, 2)


def test_nothing_of_nothing_is_no_ratio() -> None:
    assert ratio([(0.0, 0.0)]) is None


def test_a_percentile_lies_between_its_neighbours_on_a_straight_line() -> None:
    """Of five values the p95 is at 0.95 × 4 = 3.8: four fifths of the way to the last."""
    found = percentile([5.0, 1.0, 2.0, 3.0, 4.0], 95)
    assert found is not None
    assert found.mean == pytest.approx(4.8)
    assert found.low > 2  # of samples of five the middle one is often less, the p95 hardly ever


def test_any_statistic_has_an_interval_as_the_mean_has() -> None:
    values = np.array(TENTHS)
    found = bootstrap_of(lambda i: float(values[i].mean()), len(values))
    mean = bootstrap(TENTHS)
    assert found is not None
    assert mean is not None
    assert (found.low, found.high) == pytest.approx((mean.low, mean.high), abs=0.01)


def test_a_statistic_that_samples_make_larger_is_within_its_interval() -> None:
    """Such as the distance of a confidence from what was right, in bins."""
    draw = np.random.default_rng(1)
    sure = draw.random(150)
    right = (draw.random(150) < sure).astype(float)
    found = bootstrap_of(lambda i: ece(list(sure[i]), list(right[i])) or 0.0, 150)
    assert found is not None
    assert 0 <= found.low < found.mean < found.high <= 1


# --- two runs -------------------------------------------------------------------------------------


def compared(a: Values, b: Values, n: int = 2_000) -> tuple[Interval, float]:
    """The difference of b over a, and its p."""
    found = paired_bootstrap(a, b, n)
    assert found is not None
    return found


@given(st.lists(st.tuples(st.booleans(), st.booleans()), max_size=40))
def test_mcnemar_is_the_binomial_test_of_those_that_one_got_right(
    pairs: list[tuple[bool, bool]],
) -> None:
    only_a = sum(a and not b for a, b in pairs)
    only_b = sum(b and not a for a, b in pairs)
    expected = stats.binomtest(only_a, only_a + only_b).pvalue if only_a + only_b else 1
    assert mcnemar([a for a, _ in pairs], [b for _, b in pairs]) == pytest.approx(expected)


def test_mcnemar_by_hand() -> None:
    """Of five apart all are one's: 2 / 2 ** 5."""
    assert mcnemar([True] * 5 + [False], [False] * 5 + [False]) == 2 / 32


def test_mcnemar_leaves_out_what_one_says_nothing_about() -> None:
    assert mcnemar([True, True, None], [False, None, False]) == 1


def test_mcnemar_counts_many_thousand_questions() -> None:
    a = [True] * 20_000 + [False] * 20_000
    assert mcnemar(a, [not right for right in a]) == 1
    assert mcnemar(a, [False] * 40_000) == 0


def test_a_difference_is_of_the_second_over_the_first() -> None:
    interval, p = compared([0.1] * 20, [0.3] * 10 + [0.5] * 10)
    assert interval.mean == pytest.approx(0.3)
    assert 0.2 < interval.low < 0.3 < interval.high < 0.4
    assert p == 2 / 2001  # none of 2,000 samples is against it


def test_runs_that_are_the_same_do_not_differ() -> None:
    interval, p = compared(TENTHS, TENTHS)
    assert (interval.mean, interval.low, interval.high, p) == (0, 0, 0, 1)


def test_pairs_find_what_two_intervals_would_hide() -> None:
    """A small gain on every question, far smaller than the questions differ among each other."""
    better = [value + 0.01 + 0.001 * i for i, value in enumerate(TENTHS)]
    _, p = compared(TENTHS, better)
    assert p < 0.01


def test_two_runs_without_a_real_difference_seldom_seem_to_have_one() -> None:
    draw = np.random.default_rng(3)
    pairs = [(draw.random(50).tolist(), draw.random(50).tolist()) for _ in range(300)]
    found = [compared(a, b, n=500) for a, b in pairs]
    assert sum(p < 0.05 for _, p in found) / 300 < 0.09


@pytest.mark.parametrize(("pairs", "p"), [(1, 1.0), (2, 0.5), (5, 0.0625)])
def test_a_few_pairs_are_never_more_sure_than_their_signs(pairs: int, p: float) -> None:
    """Though every sample of them says the same. Pairs that agree do not count."""
    found = paired_bootstrap([0.1, 0.5] * pairs, [0.9, 0.5] * pairs)
    assert found is not None
    assert found[1] == pytest.approx(p)


def test_pairs_without_one_half_are_left_out() -> None:
    interval, _ = compared([None, 0.5, 0.5], [1.0, None, 0.7])
    assert (interval.mean, interval.n) == (pytest.approx(0.2), 1)
    assert paired_bootstrap([None], [1.0]) is None


def test_several_tests_are_adjusted_for_how_many_they_are() -> None:
    """Holm 1979: the least times 4, the next times 3 …, none below the one before it."""
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])


def test_no_adjusted_p_is_above_one() -> None:
    assert holm([0.9, 0.8]) == [1, 1]


def test_one_test_alone_needs_no_adjustment() -> None:
    assert (holm([0.04]), holm([])) == ([0.04], [])
