"""How much of the system's limits is in use: descriptors of this process, local ports of this machine."""

from __future__ import annotations

import os
from pathlib import Path

try:
    import resource
except ImportError:  # not on Windows
    resource = None  # type: ignore[assignment]

NEARLY_ALL = 0.9
"""Share of a limit above which it is named as a cause."""

_OPEN_FILES = "/proc/self/fd"
_SOCKETS = (Path("/proc/net/sockstat"), Path("/proc/net/sockstat6"))
_PORT_RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")


class SystemLimits:
    """The figures of the last second; None if the system does not tell. Owned by the generator's health."""

    def __init__(self) -> None:
        self.open_files: int | None = None
        """Descriptors of this process."""
        self.most_open_files: int | None = None
        self.local_ports: int | None = None
        """TCP sockets of this machine, including those in TIME_WAIT: each may occupy a local port."""
        self.most_local_ports = _size_of_port_range()

    def look(self) -> None:
        """Updates the figures; takes about 50 µs."""
        self.open_files = _open_files()
        self.most_open_files = _most_open_files()
        self.local_ports = _tcp_sockets()

    def warnings(self) -> list[str]:
        """The limits that are nearly reached, and what to do, in whole sentences."""
        found = []
        if _is_nearly_all(self.open_files, self.most_open_files):
            found.append(
                f"This process has {self.open_files:,} of {self.most_open_files:,} possible descriptors open: "
                "raise the limit (ulimit -n) or use more workers."
            )
        if _is_nearly_all(self.local_ports, self.most_local_ports):
            found.append(
                f"{self.local_ports:,} of this machine's {self.most_local_ports:,} local ports are in use: keep "
                "connections open, widen net.ipv4.ip_local_port_range, or add source addresses or machines."
            )
        return found


def _is_nearly_all(used: int | None, limit: int | None) -> bool:
    return used is not None and limit is not None and used >= limit * NEARLY_ALL


def _open_files() -> int | None:
    try:
        # Since Linux 6.2 the folder's size is the number of descriptors; listing thousands takes milliseconds.
        return os.stat(_OPEN_FILES).st_size or len(os.listdir(_OPEN_FILES)) - 1
    except OSError:
        return None


def _most_open_files() -> int | None:
    if resource is None:
        return None
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return None if limit == resource.RLIM_INFINITY else limit


def _tcp_sockets() -> int | None:
    """`TCP: inuse 12 orphan 0 tw 3 …` and `TCP6: inuse 2`; the first line's `tw` covers both families."""
    count = None
    for path in _SOCKETS:
        try:
            text = path.read_text()
        except OSError:
            continue
        for line in text.splitlines():
            words = line.split()
            if words[0] in ("TCP:", "TCP6:"):
                figures = dict(zip(words[1::2], map(int, words[2::2]), strict=False))
                count = (count or 0) + figures.get("inuse", 0) + figures.get("tw", 0)
    return count


def _size_of_port_range() -> int | None:
    try:
        first, last = map(int, _PORT_RANGE.read_text().split())
    except (OSError, ValueError):
        return None
    return last - first + 1
