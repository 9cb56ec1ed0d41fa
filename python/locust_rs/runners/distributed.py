"""DistributedRunner: what masters and workers have in common."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from gevent.queue import Queue

from locust_rs.rpc.admission import Admission, CurveKeys, parse_networks
from locust_rs.rpc.keys import read_keys
from locust_rs.rpc.protocol import LOCUST_RS_PEER as LOCUST_RS_PEER
from locust_rs.runners.base import Runner
from locust_rs.stats import setup_distributed_stats_event_listeners
from locust_rs.stats.distributed import only_built_in

if TYPE_CHECKING:
    from locust_rs.env import Environment
    from locust_rs.event import EventHook
    from locust_rs.rpc import Message

logger = logging.getLogger("locust.runners")


Listener = TypeVar("Listener", bound=Callable[..., Any])


def built_in_report_listener(listener: Listener) -> Listener:
    """Marks a listener of report events as Locust's own; reports stay packed while there are no other listeners."""
    listener.__dict__["built_in_report_listener"] = True
    return listener


Kind = TypeVar("Kind")


def sole_listener(event: EventHook, kind: type[Kind]) -> Kind | None:
    """The listener of class `kind`, or None if a report event has listeners beside Locust's own."""
    if not only_built_in(event._handlers):
        return None
    return next((handler for handler in event._handlers if isinstance(handler, kind)), None)


class DistributedRunner(Runner):
    """A runner that has peers.

    Listeners of custom messages that are not concurrent are called one after the other, in a greenlet of their
    own, so a slow one does not delay heartbeats.
    """

    is_distributed = True

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        setup_distributed_stats_event_listeners(environment.events, environment.stats)
        self._undelivered: Queue[Message] = Queue()
        self._keep_running(self._deliver_custom_messages)

    def _accept_custom(self, msg: Message) -> bool:
        """Queues a custom message for its listener. Returns False if there is no listener."""
        if msg.type not in self.custom_messages:
            return False
        if self.custom_messages[msg.type][1]:
            return self._deliver(msg)
        self._undelivered.put(msg)
        return True

    def _deliver_custom_messages(self) -> None:
        while True:
            self._deliver(self._undelivered.get())


def keys_of(environment: Environment) -> CurveKeys | None:
    """The CURVE keys that `--curve-key` names, if any.

    Raises:
        OSError: The file can't be read.
        ValueError: It is not a key file.
    """
    path = getattr(environment.parsed_options, "curve_key", None)
    keys = read_keys(path) if path else None
    if keys is not None and getattr(environment.parsed_options, "forked_by_master", False):
        return keys.of_own_worker()
    return keys


def admission_of(environment: Environment) -> Admission:
    """The workers that a master of this Environment admits, by `--master-allow` and `--curve-key`.

    Raises:
        OSError: The key file can't be read.
        ValueError: An address or the key file is malformed.
    """
    return Admission(parse_networks(getattr(environment.parsed_options, "master_allow", None)), keys_of(environment))


class Refusals:
    """Counts dropped messages and logs them at a limited rate."""

    LOG_INTERVAL_S = 5.0

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        """Dropped messages by kind."""
        self._silent_until: dict[str, float] = {}
        self._unlogged: Counter[str] = Counter()

    @property
    def total(self) -> int:
        """All dropped messages."""
        return self.counts.total()

    def note(self, kind: str, text: str, level: int = logging.WARNING) -> None:
        """Counts a dropped message; logs `text` unless one of this kind was logged within the last 5 seconds."""
        self.counts[kind] += 1
        now = time.monotonic()
        if now < self._silent_until.get(kind, 0.0):
            self._unlogged[kind] += 1
            return
        self._silent_until[kind] = now + self.LOG_INTERVAL_S
        more = f" ({self._unlogged.pop(kind)} more like this since the last such line)" if self._unlogged[kind] else ""
        logger.log(level, text + more)


def shown(text: str | None) -> str:
    """A peer's text as ASCII, short enough for a log line."""
    return ascii((text or "an unknown peer")[:120])
