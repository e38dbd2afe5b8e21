"""Figures with the interval that chance leaves them, and which differences are more than chance.

They take the values of many questions, one each; None where a question says nothing. Such are left
out, and it is said how many were not. Samples are drawn from a seed, so that runs agree.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Indexes = NDArray[np.intp]
Values = Sequence[float | None]

SAMPLES = 2_000
_BLOCK = 1_000_000  # indexes that are drawn at once: some tens of megabytes with what they pick


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure with its 95 % interval, from the `n` questions that say something about it."""

    mean: float
    low: float
    high: float
    n: int


def bootstrap(values: Values, n: int = SAMPLES, seed: int = 0) -> Interval | None:
    """The mean with its percentile bootstrap interval (Efron 1979); None without values."""
    kept = _kept(values)
    return _of_means(kept, _means(kept, n, seed)) if len(kept) else None


def ratio(
    pairs: Sequence[tuple[float, float] | None], n: int = SAMPLES, seed: int = 0
) -> Interval | None:
    """The sum of the first over the sum of the second, with the interval as in `bootstrap`.

    A sample whose second values sum to 0 has no ratio and is left out; None when all have none.
    `n` of the interval counts the pairs whose second value is not 0.
    """
    kept = np.array([p for p in pairs if p is not None], dtype=np.float64).reshape(-1, 2)
    tops, bottoms = kept[:, 0], kept[:, 1]
    if not bottoms.any():
        return None
    sums = np.concatenate([kept[drawn].sum(axis=1) for drawn in _samples(len(kept), n, seed)])
    ratios = sums[sums[:, 1] != 0]
    low, high = np.percentile(ratios[:, 0] / ratios[:, 1], (2.5, 97.5))
    counted = int(np.count_nonzero(bottoms))
    return Interval(float(tops.sum() / bottoms.sum()), float(low), float(high), counted)


def bootstrap_of(
    statistic: Callable[[Indexes], float], count: int, n: int = SAMPLES, seed: int = 0
) -> Interval | None:
    """Any statistic from 0 to 1 of `count` questions, given by their indexes, with its interval.

    For what is no mean: `bootstrap_of(lambda i: aurc(scores[i], right[i]), len(scores))`. Samples
    repeat questions, which makes a statistic of bins larger than it is: the bootstrap's interval is
    moved so that its middle is the figure (Efron and Tibshirani 1993, on the bootstrap's bias).
    """
    if not count:
        return None
    figure = statistic(np.arange(count))
    drawn = (sample for block in _samples(count, n, seed) for sample in block)
    values = np.array([statistic(sample) for sample in drawn])
    low, high = np.percentile(values, (2.5, 97.5)) + (figure - np.median(values))
    return Interval(figure, max(0.0, float(low)), min(1.0, float(high)), count)


def percentile(values: Values, percent: float, n: int = SAMPLES, seed: int = 0) -> Interval | None:
    """The value that `percent` of the values do not exceed, for example the p95 of seconds.

    Between two of them on the straight line (type 7 of Hyndman and Fan 1996, numpy's "linear").
    """
    kept = _kept(values)
    if not len(kept):
        return None
    samples = [np.percentile(kept[i], percent, axis=1) for i in _samples(len(kept), n, seed)]
    low, high = np.percentile(np.concatenate(samples), (2.5, 97.5))
    return Interval(float(np.percentile(kept, percent)), float(low), float(high), len(kept))


def _means(values: Floats, n: int, seed: int) -> Floats:
    return np.concatenate([values[i].mean(axis=1) for i in _samples(len(values), n, seed)])


def _of_means(values: Floats, means: Floats) -> Interval:
    low, high = np.percentile(means, (2.5, 97.5))
    return Interval(float(values.mean()), float(low), float(high), len(values))


def _samples(count: int, n: int, seed: int) -> Iterator[Indexes]:
    """`n` rows of `count` indexes drawn with replacement, in blocks that memory has room for."""
    rows = max(1, _BLOCK // count)
    random = np.random.default_rng(seed)
    for done in range(0, n, rows):
        yield random.integers(count, size=(min(rows, n - done), count), dtype=np.intp)


def _kept(values: Values) -> Floats:
    return np.array([v for v in values if v is not None], dtype=np.float64)


# --- two runs on the same questions ---------------------------------------------------------------


def mcnemar(a_right: Sequence[bool | None], b_right: Sequence[bool | None]) -> float:
    """The p of McNemar's test (1947), exact by the binomial and two-sided.

    How likely it is that those which only one got right fall so unevenly if both are as good.
    """
    pairs = [(a, b) for a, b in zip(a_right, b_right, strict=True) if None not in (a, b)]
    only_a = sum(bool(a and not b) for a, b in pairs)
    only_b = sum(bool(b and not a) for a, b in pairs)
    apart = only_a + only_b
    tail = ways = 1  # to choose 0, 1, 2 … of those apart
    for i in range(min(only_a, only_b)):
        ways = ways * (apart - i) // (i + 1)
        tail += ways
    return min(1.0, 2 * tail / (1 << apart))


def paired_bootstrap(
    a: Values, b: Values, n: int = SAMPLES, seed: int = 0
) -> tuple[Interval, float] | None:
    """How much the mean of b is above that of a, and the p of that (Koehn 2004), two-sided.

    The p is twice the share of the samples in which it is not so, never below 2 / (n + 1): so few
    samples cannot tell less. Nor is it below that of the sign test, were all pairs that differ on
    one side: samples of one pair are all alike and would be sure. Pairs of which one is None are
    left out; None when none remains.
    """
    pairs = zip(a, b, strict=True)
    apart = _kept([y - x if x is not None and y is not None else None for x, y in pairs])
    if not len(apart):
        return None
    means = _means(apart, n, seed)
    least = min(np.count_nonzero(means <= 0), np.count_nonzero(means >= 0))
    p = max(2 * (int(least) + 1) / (n + 1), 2 * 0.5 ** np.count_nonzero(apart))
    return _of_means(apart, means), min(1.0, float(p))


def holm(ps: Sequence[float]) -> list[float]:
    """The p's of several tests, adjusted so that one may be held against a level (Holm 1979)."""
    adjusted, largest = [0.0] * len(ps), 0.0
    for rank, i in enumerate(sorted(range(len(ps)), key=lambda i: ps[i])):
        largest = max(largest, min(1.0, (len(ps) - rank) * ps[i]))
        adjusted[i] = largest
    return adjusted
