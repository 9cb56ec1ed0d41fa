"""How many iterations paced users should have begun, and what became of them."""

from __future__ import annotations

from dataclasses import dataclass

LATE_S = 0.01
"""A start later than this after the intended one is late."""

TELL_FROM = 0.01
"""Share of missed starts from which on a user is told."""


@dataclass
class PacedStarts:
    """Starts of `constant_pacing` and `constant_throughput`; belongs to an environment, or adds up several nodes.

    Attributes:
        begun: Iterations that began after a paced wait.
        late: Those of them that began more than `LATE_S` after the intended time.
        missed: Iterations that never began, because the one before took too long.
    """

    begun: int = 0
    late: int = 0
    missed: int = 0

    @property
    def meant(self) -> int:
        """Iterations that should have begun."""
        return self.begun + self.missed

    def add(self, other: PacedStarts) -> None:
        """Adds the starts of another node."""
        self.begun += other.begun
        self.late += other.late
        self.missed += other.missed

    def reset(self) -> None:
        """Begins a new run."""
        self.begun = self.late = self.missed = 0

    def note(self, behind_s: float, overrun_s: float, pace_s: float) -> float:
        """Counts one start.

        Args:
            behind_s: By how much the user was behind its schedule before; less than `pace_s`.
            overrun_s: By how much it begins later than intended since; 0 if it is on time.
            pace_s: Time between two intended starts.

        Returns:
            By how much the user is behind now. What amounts to whole iterations has been missed.
        """
        self.begun += 1
        self.late += overrun_s > LATE_S
        behind_s += overrun_s
        missed = int(behind_s / pace_s) if pace_s > 0 else 0
        self.missed += missed
        return behind_s - missed * pace_s

    def warning(self) -> str | None:
        """What to tell; None while the load is the one that was meant."""
        if self.missed < TELL_FROM * self.meant or not self.missed:
            return None
        return (
            f"Paced users began {self.begun:,} of {self.meant:,} iterations that their pace means "
            f"({self.missed:,} missed, {self.late:,} late): the tasks take longer than the pace allows, "
            "so the load was lower than meant. Use more users, or a lower rate."
        )
