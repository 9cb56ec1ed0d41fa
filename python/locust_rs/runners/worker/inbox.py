"""How a worker handles each message of its master. Handlers validate first, then change state, and never wait."""

from __future__ import annotations

import logging
import math
import time
from argparse import Namespace
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import gevent

from locust_rs._states import STATE_INIT
from locust_rs.rpc import Message
from locust_rs.runners.distributed import LOCUST_RS_PEER
from locust_rs.runners.worker.arrivals import read_arrivals

if TYPE_CHECKING:
    from locust_rs.runners.worker import WorkerRunner

logger = logging.getLogger("locust.runners")

_FORWARDED = {"expect_workers", "tags", "exclude_tags"}
"""Locust's own options that a worker takes from its master; it keeps its own values of the others."""


def handle(worker: WorkerRunner, msg: Message) -> None:
    """Handles `msg`.

    Raises:
        Exception: The message is invalid; nothing was changed.
    """
    if msg.node_id != worker.client_id:
        raise ValueError(f"it is for {msg.node_id!r}")
    _HANDLERS.get(msg.type, _custom)(worker, msg)


def _ack(worker: WorkerRunner, msg: Message) -> None:
    data = msg.data if isinstance(msg.data, dict) else {}
    worker.connected = True
    worker.retry = 0
    if type(data.get("index")) is int:
        worker.worker_index = data["index"]
    # This may be another master, with another clock.
    worker.last_received_spawn_timestamp = 0
    worker._outbox.confirms = data.get("peer") == LOCUST_RS_PEER
    if worker._outbox.confirms:
        worker._pulse.start()
        worker._outbox.confirm(int(data.get("sequence", 0)))
        worker._outbox.resend()
        # The master learns at once, and not with the next heartbeat, that this worker takes arrivals.
        worker._send_heartbeat()
    worker.connection_event.set()


def _heartbeat(worker: WorkerRunner, msg: Message) -> None:
    worker.last_heartbeat_timestamp = time.time()
    if isinstance(msg.data, dict) and type(msg.data.get("sequence")) is int:
        worker._outbox.confirm(msg.data["sequence"])
    _set_paused(worker, isinstance(msg.data, dict) and msg.data.get("paused") is True)
    worker.environment.events.heartbeat_received.fire(client_id=worker.client_id, timestamp=time.time())


def _pause(worker: WorkerRunner, msg: Message) -> None:
    _set_paused(worker, msg.data["paused"] is True)


def _set_paused(worker: WorkerRunner, is_paused: bool) -> None:
    """Pauses or resumes; what is so already stays so."""
    if is_paused:
        worker.pause()
    else:
        worker.resume()


def _iterations(worker: WorkerRunner, msg: Message) -> None:
    number, granted = msg.data["number"], msg.data["granted"]
    if type(number) is not int or type(granted) is not int:
        raise ValueError(f"number {number!r}, granted {granted!r}")
    if msg.data["test"] == worker._test:
        worker._allotment.answered(number, granted)


def _arrivals(worker: WorkerRunner, msg: Message) -> None:
    worker._orders.put(partial(worker.arrivals.take, *read_arrivals(msg.data)))


def _spawn(worker: WorkerRunner, msg: Message) -> None:
    if worker._is_leaving:
        return
    job = msg.data
    timestamp, users, stop_timeout = float(job["timestamp"]), job["user_classes_count"], job["stop_timeout"]
    for name, count in users.items():
        if not isinstance(name, str) or type(count) is not int or count < 0:
            raise ValueError(f"user_classes_count has {name!r}: {count!r}")
    if stop_timeout is not None and not 0 <= float(stop_timeout) < math.inf:
        raise ValueError(f"stop_timeout is {stop_timeout!r}")
    worker._send(Message("spawning", None, worker.client_id))
    if timestamp <= worker.last_received_spawn_timestamp:
        logger.info("Discard spawn message with older or equal timestamp than timestamp of previous spawn message")
        return
    worker.last_received_spawn_timestamp = timestamp
    environment = worker.environment
    environment.host = job["host"]
    environment.stop_timeout = float(stop_timeout or 0.0)
    worker.graceful_stops_hold = True
    if job.get("parsed_options"):
        environment.parsed_options = _merged(environment.parsed_options, job["parsed_options"])
    worker._begin_start(job)


def _merged(own: Namespace | None, masters: dict[str, Any]) -> Namespace:
    """A worker's options updated from its master: all custom arguments, and few of Locust's own options."""
    own = own if own is not None else Namespace()
    custom = masters.keys() - _locusts_own_options()
    for name in custom | (_FORWARDED & masters.keys()):
        setattr(own, name, masters[name])
    return own


def _locusts_own_options() -> set[str]:
    from locust_rs.argument_parser import default_args_dict  # a lower layer, but slow to load and rarely needed

    return set(default_args_dict())


def _spawning_complete(worker: WorkerRunner, msg: Message) -> None:
    worker._begin_completion(msg.data["user_count"])


def _stop(worker: WorkerRunner, msg: Message) -> None:
    is_reminder = isinstance(msg.data, dict) and msg.data.get("reminder") is True
    _drop_stop_timeout(worker, msg)
    if not (is_reminder and worker.worker_state == STATE_INIT):
        worker._begin_stop()


def _quit(worker: WorkerRunner, msg: Message) -> None:
    logger.info("Got quit message from master, shutting down...")
    _drop_stop_timeout(worker, msg)
    # Outside the runner's own group, which quitting kills.
    gevent.spawn(worker.quit)


def _drop_stop_timeout(worker: WorkerRunner, msg: Message) -> None:
    """Lets the users of a test that is aborted end at once; the orders of the next test bring its timeout."""
    if isinstance(msg.data, dict) and msg.data.get("at_once") is True:
        worker.environment.stop_timeout = 0.0
        worker.graceful_stops_hold = False


def _reconnect(worker: WorkerRunner, msg: Message) -> None:
    logger.warning("Received reconnect message from master. Resetting RPC connection.")
    worker.reset_connection()


def _update_user_class(worker: WorkerRunner, msg: Message) -> None:
    worker.environment.update_user_class(msg.data)


def _locustfile(worker: WorkerRunner, msg: Message) -> None:
    """Ignores an answer that came after the worker had got the locustfile."""


def _custom(worker: WorkerRunner, msg: Message) -> None:
    if not worker._accept_custom(msg):
        worker.refusals.note(
            f"unknown {msg.type[:40]}", f"Unknown message type received: {ascii(msg.type[:120])[1:-1]}"
        )


_HANDLERS: dict[str, Callable[[WorkerRunner, Message], None]] = {
    "ack": _ack,
    "heartbeat": _heartbeat,
    "spawn": _spawn,
    "spawning_complete": _spawning_complete,
    "stop": _stop,
    "quit": _quit,
    "reconnect": _reconnect,
    "update_user_class": _update_user_class,
    "locustfile": _locustfile,
    "pause": _pause,
    "iterations": _iterations,
    "arrivals": _arrivals,
}
