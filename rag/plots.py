"""Values → inline SVG: bars with intervals, and curves. Colours are the page's (`report.css`).

Drawn as wide as a phone is, so that letters are not shrunk there; labels are told apart in words.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

_WIDTH = 360
_ROW = 20
_LEFT, _RIGHT = 112, 284  # where bars begin, and where the largest ends
_LETTERS = 15  # of a label, that fit before the bars
_DASHES = ("", "6 3", "2 3", "9 3 2 3", "1 5", "12 4")


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar from 0 to `value` with a line from `low` to `high`; `shown` stands behind it."""

    label: str
    value: float
    low: float
    high: float
    shown: str


@dataclass(frozen=True, slots=True)
class Group:
    """Bars under one heading."""

    label: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """A curve through its points (x, y), each from 0 to 1."""

    label: str
    points: tuple[tuple[float, float], ...]


def bars(groups: Sequence[Group], *, most: float | None = None) -> Markup:
    """Horizontal bars, group by group, on a scale from 0 to `most` or to the largest value.

    Where every group has one bar, that is labelled with the group's name.
    """
    top = most or max((bar.high for group in groups for bar in group.bars), default=0) or 1
    single = all(len(group.bars) == 1 for group in groups)
    drawn, y = [], 4
    for group in groups:
        if not single:
            drawn.append(_text(0, y + 14, group.label, "group"))
            y += _ROW
        for bar in group.bars:
            drawn.append(_bar(bar, group.label if single else bar.label, y, top))
            y += _ROW
        y += 0 if single else 8
    scale = [_tick(at, top, y) for at in _ticks(top)]
    said = "; ".join(f"{g.label}: {_read(g)}" for g in groups)
    return _picture(said, y + 20, [*scale, *drawn])


def _read(group: Group) -> str:
    return ", ".join(f"{bar.label} {bar.shown}" for bar in group.bars)


def _bar(bar: Bar, label: str, y: int, top: float) -> Markup:
    at, low, high = (_along(value, top) for value in (bar.value, bar.low, bar.high))
    return Markup("").join(
        [
            _text(_LEFT - 6, y + 14, label, "end"),
            Markup('<rect class="bar" x="{}" y="{}" width="{:.1f}" height="{}"/>').format(
                _LEFT, y + 4, at - _LEFT, _ROW - 8
            ),
            Markup(
                '<path class="range" d="M{0:.1f} {2}H{1:.1f}M{0:.1f} {3}V{4}M{1:.1f} {3}V{4}"/>'
            ).format(low, high, y + _ROW // 2, y + 6, y + _ROW - 6),
            _text(_RIGHT + 8, y + 14, bar.shown, "figure"),
        ]
    )


def _along(value: float, top: float) -> float:
    return _LEFT + (_RIGHT - _LEFT) * min(max(value / top, 0), 1)


def _ticks(top: float) -> list[float]:
    """From 0 to `top` in two to five steps of 1, 2 or 5 times a power of ten."""
    power = 10 ** math.floor(math.log10(top))
    step = next(s for s in (0.2 * power, 0.5 * power, power, 2 * power) if top / s <= 5)
    return [i * step for i in range(int(top / step + 1e-9) + 1)]


def _tick(at: float, top: float, bottom: int) -> Markup:
    x = _along(at, top)
    line = Markup('<path class="grid" d="M{:.1f} 2V{}"/>').format(x, bottom)
    return line + _text(x, bottom + 14, f"{at:g}", "middle tick")


def curves(x_name: str, y_name: str, lines: Sequence[Line]) -> Markup:
    """Curves over the unit square, each in a dash of its own, named below."""
    left, right, top, bottom = 34, _WIDTH - 12, 22, 232
    scale = (left, bottom, right - left, bottom - top)
    drawn = [_text(0, 12, y_name, "tick"), _text(right, bottom + 30, x_name, "end tick")]
    for at in (0, 0.25, 0.5, 0.75, 1):
        x, y = _placed(at, at, scale)
        drawn += [
            Markup('<path class="grid" d="M{} {:.1f}H{}"/>').format(left, y, right),
            _text(left - 6, y + 4, f"{at:g}", "end tick"),
            _text(x, bottom + 15, f"{at:g}", "middle tick"),
        ]
    for i, line in enumerate(lines):
        drawn += _curve(line, i, scale, bottom + 48 + i * _ROW)
    said = f"{y_name} by {x_name}: {', '.join(line.label for line in lines)}"
    return _picture(said, bottom + 40 + len(lines) * _ROW, drawn)


def _curve(line: Line, i: int, scale: tuple[int, int, int, int], legend_y: int) -> Iterator[Markup]:
    placed = (_placed(x, y, scale) for x, y in line.points)
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in placed)
    stroke = Markup('class="curve curve-{}" stroke-dasharray="{}"').format(
        i % len(_DASHES), _DASHES[i % len(_DASHES)]
    )
    yield Markup('<polyline {} points="{}"/>').format(stroke, points)
    yield Markup('<path {} d="M{} {}h40"/>').format(stroke, scale[0], legend_y - 4)
    yield _text(scale[0] + 48, legend_y, line.label, "", letters=40)


def _placed(x: float, y: float, scale: tuple[int, int, int, int]) -> tuple[float, float]:
    left, bottom, width, height = scale
    return left + width * x, bottom - height * y


def _text(x: float, y: float, text: str, kind: str, *, letters: int = _LETTERS) -> Markup:
    limit = 44 if kind == "group" else letters
    cut = text if len(text) <= limit else text[: limit - 1] + "…"
    return Markup('<text x="{:.1f}" y="{:.1f}" class="{}">{}</text>').format(x, y, kind, cut)


def _picture(said: str, height: int, drawn: Sequence[Markup]) -> Markup:
    return Markup('<svg viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>').format(
        _WIDTH, height, said, Markup("").join(drawn)
    )
