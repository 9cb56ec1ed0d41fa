"""What became of the arrivals of a test."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from locust_rs.user.paced_starts import LATE_S, TELL_FROM


@dataclass
class ArrivalCounts:
    """The arrivals of one class, or of several.

    Attributes:
        begun: Arrivals that became users.
        late: Those of them that began more than 10 ms after their time.
        dropped: Arrivals that became none: too many users were running, or the node that was to run them was lost.
        overdue: Arrivals whose time had come when the test ended, and which had not begun.
        worst_late_s: By how much the latest one was late.
    """

    begun: int = 0
    late: int = 0
    dropped: int = 0
    overdue: int = 0
    worst_late_s: float = 0.0

    @property
    def meant(self) -> int:
        """Arrivals whose time has come."""
        return self.begun + self.dropped + self.overdue

    def note_start(self, late_s: float) -> None:
        """Counts an arrival that begins now."""
        self.begun += 1
        if late_s > LATE_S:
            self.late += 1
            self.worst_late_s = max(self.worst_late_s, late_s)

    def add(self, other: ArrivalCounts) -> None:
        """Adds the arrivals of another class or node."""
        self.begun += other.begun
        self.late += other.late
        self.dropped += other.dropped
        self.overdue += other.overdue
        self.worst_late_s = max(self.worst_late_s, other.worst_late_s)

    def warnings(self) -> list[str]:
        """What to tell; nothing while the load is the one that was meant."""
        found = []
        if self.dropped:
            found.append(
                f"{self.dropped:,} of {self.meant:,} arrivals were dropped, because max_users were running or a node "
                "was lost: the load was lower than meant. Raise max_users, or look at why the users take so long."
            )
        behind = self.late + self.overdue
        if behind and behind >= TELL_FROM * self.meant:
            found.append(
                f"{behind:,} of {self.meant:,} arrivals began late, by up to {self.worst_late_s * 1000:,.0f} ms, or "
                f"had not begun at the end ({self.overdue:,}): "
                "the load generator is too slow for this rate. Use more processes or workers (--processes)."
            )
        return found

    def to_plain(self) -> dict[str, Any]:
        """The counts for outputs."""
        return {
            "meant": self.meant,
            "begun": self.begun,
            "late": self.late,
            "dropped": self.dropped,
            "overdue": self.overdue,
            "worst_late_ms": round(self.worst_late_s * 1000, 3),
        }


def together(counts: dict[str, ArrivalCounts]) -> ArrivalCounts:
    """The arrivals of all classes."""
    total = ArrivalCounts()
    for of_class in counts.values():
        total.add(of_class)
    return total


def arrival_lines(counts: dict[str, ArrivalCounts]) -> list[str]:
    """The console's table; no lines without arrivals."""
    if not counts:
        return []
    titles = ("# meant", "# begun", "# late", "# dropped", "# overdue", "worst ms")
    lines = ["Arrivals", _line("Class", titles)]
    for name, of_class in [*sorted(counts.items()), *([("Aggregated", together(counts))] if len(counts) > 1 else [])]:
        lines.append(_line(name, tuple(f"{figure:,.0f}" for figure in of_class.to_plain().values())))
    return [*lines, ""]


def _line(name: str, cells: tuple[str, ...]) -> str:
    return f"{name[:59]:<59} " + " ".join(f"{cell:>10}" for cell in cells)
