"""Draws what a target saw of one or more loads: requests per second, and how long the slowest took."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

Answer = tuple[float, float]
"""When a request came, and when it was answered, in seconds of the run."""

STEP_S = 0.1
WIDTH, HEIGHT, LEFT, GAP = 640, 130, 60, 46
COLOURS = ("#b45309", "#0f766e")


def picture_of(loads: dict[str, list[Answer]], stall: Answer, seconds: float) -> str:
    """An SVG image.

    Args:
        loads: The answers of each load, by its title.
        stall: When the target stalled, and until when.
        seconds: The length of the time axis.
    """
    rates = [_by_step(answers, seconds, lambda times: len(times) / STEP_S) for answers in loads.values()]
    slowest = [_by_step(answers, seconds, lambda times: max(times, default=0.0)) for answers in loads.values()]
    panels = [("requests per second", rates, 34), ("slowest response (s)", slowest, 34 + HEIGHT + GAP)]
    height = 34 + 2 * (HEIGHT + GAP)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {LEFT + WIDTH + 20} {height}" '
        'font-family="sans-serif" font-size="12">',
        f'<rect width="{LEFT + WIDTH + 20}" height="{height}" fill="#ffffff"/>',
    ]
    for number, title in enumerate(loads):
        parts.append(
            f'<text x="{LEFT + 200 * number}" y="18" fill="{COLOURS[number]}" font-weight="bold">{title}</text>'
        )
    for title, lines, top in panels:
        parts += _panel(title, lines, top, stall, seconds)
    return "\n".join([*parts, "</svg>", ""])


def _by_step(answers: list[Answer], seconds: float, figure: Callable[[list[float]], float]) -> list[float]:
    """A figure of the response times of the requests that came in each step."""
    times: dict[int, list[float]] = defaultdict(list)
    for arrived, answered in answers:
        times[int(arrived / STEP_S)].append(answered - arrived)
    return [figure(times[step]) for step in range(int(seconds / STEP_S))]


def _panel(title: str, lines: list[list[float]], top: int, stall: Answer, seconds: float) -> list[str]:
    most = max(max(line) for line in lines) or 1.0
    across, bottom = WIDTH / seconds, top + HEIGHT
    began, ended = (LEFT + moment * across for moment in stall)
    parts = [
        f'<rect x="{began:.1f}" y="{top}" width="{ended - began:.1f}" height="{HEIGHT}" fill="#e5e7eb"/>',
        f'<text x="{(began + ended) / 2:.1f}" y="{bottom - 10}" text-anchor="middle" fill="#6b7280">'
        "the target stalls</text>",
        f'<path d="M{LEFT} {top}V{bottom}H{LEFT + WIDTH}" fill="none" stroke="#6b7280"/>',
        f'<text x="{LEFT - 6}" y="{top + 10}" text-anchor="end" fill="#374151">{most:.3g}</text>',
        f'<text x="{LEFT - 6}" y="{bottom}" text-anchor="end" fill="#374151">0</text>',
        f'<text x="{LEFT + WIDTH}" y="{bottom + 15}" text-anchor="end" fill="#374151">'
        f"{title}, over {seconds:g} s</text>",
    ]
    for colour, line in zip(COLOURS, lines, strict=False):
        points = (
            f"{LEFT + (step + 0.5) * STEP_S * across:.1f},{bottom - value / most * (HEIGHT - 4):.1f}"
            for step, value in enumerate(line)
        )
        parts.append(f'<polyline points="{" ".join(points)}" fill="none" stroke="{colour}" stroke-width="2"/>')
    return parts
