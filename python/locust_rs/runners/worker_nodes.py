"""What a master knows about each of its workers."""

from __future__ import annotations

import math
from collections.abc import Iterator, MutableMapping

from locust_rs._states import STATE_INIT, STATE_MISSING, STATE_RUNNING, STATE_SPAWNING
from locust_rs._tunables import runners as tunables


class WorkerNode:
    """One worker. Written by the master's message handlers.

    Args:
        id: The worker's client id; host name, underscore, random hex.
        state: The state it reported last.
        heartbeat_liveness: Heartbeats it may miss before it counts as missing.
    """

    def __init__(self, id: str, state: str = STATE_INIT, heartbeat_liveness: int | None = None) -> None:
        self.id: str = id
        self.state = state
        self.heartbeat = tunables.HEARTBEAT_LIVENESS if heartbeat_liveness is None else heartbeat_liveness
        self.cpu_usage: float = 0
        """Percent of one core."""
        self.cpu_warning_emitted = False
        self.memory_usage: int = 0
        """Resident bytes."""
        self.user_classes_count: dict[str, int] = {}
        """Users by class name, as it reported last."""
        self.hub_lag_ms: float = 0.0
        """How late its event loop runs, as it reported; 0 for peers that do not report it."""
        self.inflated = False
        """Whether its lag lengthens its response times by more than 5 %."""
        self.lagging = False
        """Whether user code keeps its event loop from running."""
        self.is_locust_rs = False
        """Whether it runs locust-rs, and so understands more than stock workers do."""
        self.has_beaten = False
        """Whether it has sent a heartbeat, so that it is known what it runs."""
        self.is_foreign = False
        """Whether it is written in another language (Boomer, Locust4j)."""
        self.is_leaving = False
        """Whether it is ending: it has handed its users over, and only finishes what they had begun."""
        self.told_to_stop_at = -math.inf
        """Monotonic time of the latest "stop" message to it."""
        self._index_within_host = 0

    @property
    def user_count(self) -> int:
        """The number of users it reported last."""
        return sum(self.user_classes_count.values())


class WorkerNodes(MutableMapping[str, WorkerNode]):
    """The known workers by id."""

    def __init__(self) -> None:
        self._worker_nodes: dict[str, WorkerNode] = {}

    def get_by_state(self, state: str) -> list[WorkerNode]:
        """The workers in `state`."""
        return [node for node in self.all if node.state == state]

    @property
    def all(self) -> list[WorkerNode]:
        """All workers, including missing ones; a copy, so that it can be iterated while workers come and go."""
        return list(self._worker_nodes.values())

    @property
    def ready(self) -> list[WorkerNode]:
        """Workers that wait for a test."""
        return self.get_by_state(STATE_INIT)

    @property
    def spawning(self) -> list[WorkerNode]:
        """Workers that start or stop users."""
        return self.get_by_state(STATE_SPAWNING)

    @property
    def running(self) -> list[WorkerNode]:
        """Workers that run all their users."""
        return self.get_by_state(STATE_RUNNING)

    @property
    def missing(self) -> list[WorkerNode]:
        """Workers that have been silent for too long."""
        return self.get_by_state(STATE_MISSING)

    def any_active(self) -> bool:
        """Whether a worker runs users, can run some, or finishes what they had begun.

        Asked after each message, and so without a copy: as a rule the first worker answers it.
        """
        active = (STATE_SPAWNING, STATE_RUNNING, STATE_INIT)
        return any(node.state in active or node.is_leaving for node in self._worker_nodes.values())

    def __setitem__(self, k: str, v: WorkerNode) -> None:
        self._worker_nodes[k] = v

    def __delitem__(self, k: str) -> None:
        del self._worker_nodes[k]

    def __getitem__(self, k: str) -> WorkerNode:
        return self._worker_nodes[k]

    def __len__(self) -> int:
        return len(self._worker_nodes)

    def __iter__(self) -> Iterator[str]:
        return iter(list(self._worker_nodes))
