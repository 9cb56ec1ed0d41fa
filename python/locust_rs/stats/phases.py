"""What requests spent their time on, as files and pages show it: a row per endpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from locust_rs.stats.types import sort_stats

if TYPE_CHECKING:
    from locust_rs.stats.entry import StatsEntry
    from locust_rs.stats.request_stats import RequestStats

PHASES = {
    "queue": "Queue",
    "resolve": "Name Resolution",
    "connect": "Connect",
    "tls": "TLS",
    "send": "Send",
    "first_byte": "First Byte",
    "last_byte": "Last Byte",
}
"""Keys and titles, in the order in which the phases follow each other."""

COUNTS = {
    "requests": "Requests",
    "connections_opened": "Connections Opened",
    "connections_reused": "Connections Reused",
    "retries": "Retries",
    "bytes_sent": "Bytes Sent",
    "bytes_received": "Bytes Received",
}


def phase_rows(stats: RequestStats) -> list[dict[str, Any]]:
    """`{"method", "name", **entry.phases}` of each row that has phases, the total last; empty without any."""
    rows: list[StatsEntry] = [*sort_stats(stats.entries), stats.total]
    told = ((row, row.phases) for row in rows)
    return [{"method": row.method, "name": row.name, **phases} for row, phases in told if phases]


def phases_csv(stats: RequestStats) -> list[list[Any]]:
    """The header and the rows of `_phases.csv`; times in milliseconds. Empty where no request told its phases."""
    rows = phase_rows(stats)
    if not rows:
        return []
    header = ["Type", "Name", *COUNTS.values()]
    for title in PHASES.values():
        header += [f"{title} Count", f"{title} Average", f"{title} Max"]
    lines: list[list[Any]] = [header]
    for row in rows:
        times = [row[phase][value] for phase in PHASES for value in ("count", "avg", "max")]
        lines.append([row["method"], row["name"], *(row[count] for count in COUNTS), *times])
    return lines
