"""How a master handles each message of a worker. Handlers validate first, then change state, and never wait."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import gevent
import msgpack

from locust_rs._states import STATE_INIT, STATE_MISSING, STATE_RUNNING, STATE_SPAWNING, STATE_STOPPED, STATE_STOPPING
from locust_rs._tunables import runners as tunables
from locust_rs._version import __version__
from locust_rs.rpc import Message
from locust_rs.runners.arrivals.ledger import from_message
from locust_rs.runners.distributed import LOCUST_RS_PEER, sole_listener
from locust_rs.runners.grouping import merge_groups
from locust_rs.runners.inflation import WorkerLateness
from locust_rs.runners.iteration_limit import end_at_limit
from locust_rs.runners.master import locustfile_offer
from locust_rs.runners.worker_nodes import WorkerNode
from locust_rs.stats.distributed import ReportMerger, read_stats_message
from locust_rs.util.messages import see

if TYPE_CHECKING:
    from locust_rs.runners.master import MasterRunner

logger = logging.getLogger("locust.runners")

_WORKER_STATES = {STATE_INIT, STATE_SPAWNING, STATE_RUNNING, STATE_STOPPED, STATE_STOPPING, "cleanup", "quitting"}
MAX_LOG_LINES = 500
REMIND_AFTER_S = 2.0
"""How long a worker may report that it runs after it was told to stop, before it is told again."""


def handle(master: MasterRunner, client_id: str, msg: Message) -> None:
    """Handles `msg`, which the peer with ZeroMQ identity `client_id` sent.

    Raises:
        Exception: The message is invalid; nothing was changed.
    """
    if msg.type == "pulse":
        _pulse(master, client_id, msg)
        return
    if msg.node_id != client_id and msg.type != "locustfile":
        raise ValueError(f"its node_id is {msg.node_id!r}")
    handler = _HANDLERS.get(msg.type, _custom)
    handler(master, client_id, msg)


def _client_ready(master: MasterRunner, client_id: str, msg: Message) -> None:
    if not msg.data:
        logger.error(f"An old (pre 2.0) worker tried to connect ({client_id}). That's not going to work.")
        return
    _check_version(client_id, msg.data)
    known = master.clients.get(client_id)
    if client_id not in master.worker_indexes:
        master.worker_indexes[client_id] = master.worker_index_max
        master.worker_index_max += 1
    node = WorkerNode(client_id)
    node.is_foreign = msg.data == -1
    if known is not None:
        master.forget_worker(known)
        node.is_locust_rs = known.is_locust_rs
    master.clients[client_id] = node
    _acknowledge(master, node)
    master.environment.events.worker_connect.fire(client_id=client_id)
    duplicate = " (duplicate message)" if known is not None and known.state == STATE_INIT else ""
    logger.info(f"{_name(master, client_id)} reported as ready{duplicate}. {len(master.clients)} workers connected.")
    master.open_files.look(len(master.clients))
    master.admit_worker(node)


def _acknowledge(master: MasterRunner, node: WorkerNode) -> None:
    ack: dict[str, Any] = {"index": master.get_worker_index(node.id)}
    if not node.is_foreign:
        ack.update(peer=LOCUST_RS_PEER, sequence=master.confirmed_report(node.id))
    master._send(Message("ack", ack, node.id))


def _check_version(client_id: str, version: Any) -> None:
    if version == -1:
        return
    if str(version)[:4] == __version__[:4]:
        if str(version) != __version__:
            logger.debug(f"A worker ({client_id}) running a different patch version ({version}) connected")
        return
    logger.warning(
        f"A worker ({client_id}) running a different version ({version}) connected, master version is {__version__}"
    )


def _heartbeat(master: MasterRunner, client_id: str, msg: Message) -> None:
    data = msg.data
    state, cpu, memory = data["state"], float(data["current_cpu_usage"]), data.get("current_memory_usage", 0)
    if state not in _WORKER_STATES or not math.isfinite(cpu):
        raise ValueError(f"state {state!r}, CPU usage {cpu!r}")
    node = master.clients.get(client_id)
    if node is None:
        _call_back(master, client_id)
        return
    node.heartbeat = tunables.HEARTBEAT_LIVENESS
    if data.get("leaving") is True or node.is_leaving:
        _let_go(master, node)
    elif node.state == STATE_MISSING:
        logger.info(f"Worker {client_id} self-healed with heartbeat, setting state to {state}.")
        node.state = state
        master.last_reports.note_back(client_id)
        if master.journal is not None:
            # What it has sent to the process before this one comes again at once.
            _acknowledge(master, node)
        master.admit_worker(node)
    elif not (state in (STATE_SPAWNING, STATE_RUNNING) and node.state == STATE_STOPPED):
        node.state = state
    node.cpu_usage, node.memory_usage = cpu, int(memory or 0)
    node.is_locust_rs = data.get("peer") == LOCUST_RS_PEER
    node.has_beaten = True
    node.hub_lag_ms = float(data.get("hub_lag_ms", 0.0))
    node.inflated = bool(data.get("inflated", False))
    node.lagging = False
    if "lateness" in data:
        master.health.note_worker(client_id, WorkerLateness.from_message(data["lateness"], node.inflated))
    master.health.workers_inflated = master.health.workers_inflated or node.inflated
    if cpu > tunables.CPU_WARNING_THRESHOLD:
        master.worker_cpu_warning_emitted = True
        if not node.cpu_warning_emitted:
            node.cpu_warning_emitted = True
            logger.warning(f"{_name(master, client_id)} exceeded cpu threshold (will only log this once per worker)")
    master.environment.events.heartbeat_sent.fire(client_id=client_id, timestamp=time.time())
    _note_oldest(master, client_id, data.get("oldest"))
    confirmed = {"sequence": master.confirmed_report(client_id)} if node.is_locust_rs else None
    if confirmed and master.is_paused:
        confirmed["paused"] = True
    master._send(Message("heartbeat", confirmed, client_id))
    _remind(master, node, data.get("order"))


def _let_go(master: MasterRunner, node: WorkerNode) -> None:
    """Gives the users of a worker that is ending to the others; what they had begun, it finishes and reports."""
    node.state = STATE_STOPPING
    if node.is_leaving:
        return
    node.is_leaving = True
    node.user_classes_count = {}
    logger.info(f"{_name(master, node.id)} is leaving: its users go to the others")
    master.hand_over(node)


def _remind(master: MasterRunner, node: WorkerNode, latest_order: Any) -> None:
    """Repeats what a worker has missed because its connection broke or it was suspended.

    Args:
        master: The master of the worker.
        node: A worker that has just sent a heartbeat.
        latest_order: Timestamp of the latest spawn message that it has; None for peers that do not tell.
    """
    if master.state in (STATE_SPAWNING, STATE_RUNNING):
        if type(latest_order) in (int, float):
            master.orders.repeat_if_missed(node.id, latest_order)
        return
    if master.journal is not None and master.journal.pending:
        # Its users run for a test that is about to go on.
        return
    # A stock worker that is stopping would stop twice, so it is reminded only once the test is over.
    interval_s = REMIND_AFTER_S if node.is_locust_rs else 5 * REMIND_AFTER_S
    overdue = time.monotonic() - node.told_to_stop_at > interval_s
    is_told = master.state == STATE_STOPPING and not node.is_locust_rs
    if node.state in (STATE_SPAWNING, STATE_RUNNING) and overdue and not is_told:
        master.tell_to_stop(node, reminder=True)


def _pulse(master: MasterRunner, client_id: str, msg: Message) -> None:
    """Keeps a worker whose event loop is blocked: its pulse thread says that it is alive."""
    node = master.clients.get(str(msg.node_id))
    if node is None or client_id != f"{msg.node_id}/pulse":
        raise ValueError(f"its node_id is {msg.node_id!r}")
    node.heartbeat = tunables.HEARTBEAT_LIVENESS
    if not node.lagging:
        node.lagging = True
        logger.warning(
            f"{_name(master, node.id)} is lagging: its user code blocks the event loop. "
            f"Its response times are too long while that lasts. {see('blocking-call')}"
        )


def _call_back(master: MasterRunner, client_id: str) -> None:
    """Makes a worker that this master does not know register again.

    It may run users of a master that is gone. Every worker reacts to "stop" by stopping and registering again.
    """
    master.refusals.note(
        "unregistered", f"Worker {client_id} is unknown here: telling it to stop and register", logging.INFO
    )
    master._send(Message("stop", None, client_id))


def _stats(master: MasterRunner, client_id: str, msg: Message) -> None:
    node = master.clients.get(client_id)
    if node is None:
        master.refusals.note("report", f"Discarded report from unrecognized worker {client_id}", logging.INFO)
        return
    assert msg.frame is not None
    report = read_stats_message(msg.frame)
    if report is None:
        raise ValueError("it is not a report")
    counts = report.user_classes_count
    if counts is None and "user_classes_count" in msg.data:
        raise ValueError("its user_classes_count is not a map of numbers")
    merger = sole_listener(master.environment.events.worker_report, ReportMerger)
    data: dict[str, Any] = msg.data if merger is None else {}
    sequence = report.extra("sequence")
    if sequence is not None and not _is_next_report(master, client_id, msgpack.unpackb(sequence)):
        return
    test = report.extra("test")
    if test is not None and msgpack.unpackb(test) != master.orders.test:
        # The report was kept for lack of a connection since an earlier test, perhaps that of another master.
        return
    is_last = report.extra("last") == b"\xc3"
    intended = report.extra("intended")
    if intended is not None and master.stats.intended is not None:
        master.stats.intended.merge(msgpack.unpackb(intended, strict_map_key=False))
    arrivals = report.extra("arrivals")
    if arrivals is not None:
        master.arrivals.note(client_id, from_message(msgpack.unpackb(arrivals)))
    own_metrics = report.extra("own_metrics")
    if own_metrics is not None:
        master.environment.metrics.merge(msgpack.unpackb(own_metrics, strict_map_key=False), client_id)
    evidence = report.extra("evidence")
    if evidence is not None:
        master.environment.evidence.merge(msgpack.unpackb(evidence, strict_map_key=False), client_id)
    groups = report.extra("groups")
    if groups is not None:
        merge_groups(master, client_id, groups)
    if merger is None:
        master.reports.put(client_id, data, report, is_last=is_last)
        return
    merger.merge(report)
    if counts is not None:
        master.take_user_counts(client_id, counts)
    master.last_reports.note_report(client_id, is_last=is_last)


def _is_next_report(master: MasterRunner, client_id: str, sequence: Any) -> bool:
    """Whether this is the next report: neither a repetition, nor one after a gap, which the worker will resend."""
    if type(sequence) is not int or sequence < 1:
        raise ValueError(f"its sequence is {sequence!r}")
    if sequence != master.report_sequences.get(client_id, sequence - 1) + 1:
        return False
    master.report_sequences[client_id] = sequence
    return True


def _note_oldest(master: MasterRunner, client_id: str, oldest: Any) -> None:
    """Stops waiting for reports older than the oldest one that a locust-rs worker can still send."""
    if type(oldest) is not int:
        return
    taken = master.report_sequences.setdefault(client_id, oldest - 1)
    if taken < oldest - 1:
        master.report_sequences[client_id] = oldest - 1
        lost = oldest - 1 - taken
        logger.warning(f"{lost} reports of {_name(master, client_id)} are lost: it has given them up")


def _check_counts(counts: Any) -> None:
    if not isinstance(counts, dict):
        raise ValueError("user_classes_count is not a map")
    for name, count in counts.items():
        if not isinstance(name, str) or type(count) is not int or not 0 <= count < 2**31:
            raise ValueError(f"user_classes_count has {name!r}: {count!r}")


def _spawning(master: MasterRunner, client_id: str, msg: Message) -> None:
    node = master.clients.get(client_id)
    if node is None:
        logger.warning(f"Got spawning message from unknown worker {client_id}. Asking worker to quit.")
        master._send(Message("quit", None, client_id))
        return
    if not node.is_leaving:
        node.state = STATE_SPAWNING


def _spawning_complete(master: MasterRunner, client_id: str, msg: Message) -> None:
    _check_counts(msg.data["user_classes_count"])
    node = master.clients.get(client_id)
    if node is None or node.state == STATE_MISSING or node.is_leaving:
        return
    node.state = STATE_RUNNING
    node.user_classes_count = msg.data["user_classes_count"]


def _client_stopped(master: MasterRunner, client_id: str, msg: Message) -> None:
    node = master.clients.get(client_id)
    if node is None:
        return
    node.user_classes_count = {}
    # A stock worker still owes a report, and reports are accepted from known workers only.
    node.state = STATE_STOPPED
    master.last_reports.note_stopped(client_id)
    logger.info(f"{_name(master, client_id)} reported that it has stopped")


def _exception(master: MasterRunner, client_id: str, msg: Message) -> None:
    text, formatted_tb = msg.data["msg"], msg.data["traceback"]
    if not isinstance(text, str) or not isinstance(formatted_tb, str):
        raise ValueError("its msg or traceback is not text")
    if client_id not in master.clients:
        raise ValueError("it comes from an unknown worker")
    master.log_exception(client_id, text, formatted_tb)


def _logs(master: MasterRunner, client_id: str, msg: Message) -> None:
    worker_id, lines = msg.data["worker_id"], msg.data["logs"]
    if worker_id != client_id or not isinstance(lines, list):
        raise ValueError(f"it carries the logs of {worker_id!r}")
    kept = [str(line) for line in lines[-MAX_LOG_LINES:]]
    master.environment.update_worker_logs({"worker_id": worker_id, "logs": kept})


def _quit(master: MasterRunner, client_id: str, msg: Message) -> None:
    node = master.clients.get(client_id)
    master.last_reports.note_quit(client_id)
    if node is None:
        return
    index = master.get_worker_index(client_id)
    left = master.last_reports.quitting_count
    if left is not None and master.state != STATE_INIT:
        # It stays known: what is told and written at the end of a run names the workers that it had.
        logger.info(f"Worker '{client_id}' (index {index}) quit. {left} workers ready.")
        if not left:
            logger.info("The last worker quit, stopping test.")
        return
    master.forget_worker(node)
    logger.info(f"Worker '{client_id}' (index {index}) quit. {len(master.clients.ready)} workers ready.")
    if master.state in (STATE_SPAWNING, STATE_RUNNING) and not master.worker_count:
        logger.info("The last worker quit, stopping test.")
        _stop_without_workers(master)


def _stop_without_workers(master: MasterRunner) -> None:
    options = master.environment.parsed_options

    def end() -> None:
        master.stop(send_stop_to_client=False)
        if options is not None and getattr(options, "headless", False):
            master.quit()

    gevent.spawn(end)


def _locustfile(master: MasterRunner, client_id: str, msg: Message) -> None:
    request = msg.data if isinstance(msg.data, dict) else {}
    version = request.get("version")
    if isinstance(version, str) and version[:4] != __version__[:4]:
        logger.warning(
            f"A worker ({client_id}) running a different version ({version}) asked for the locustfile, "
            f"master version is {__version__}"
        )
    offer = locustfile_offer.make_offer(
        master.environment.parsed_options,
        master.environment.parsed_locustfiles,
        with_package=request.get("peer") == LOCUST_RS_PEER,
    )
    master._send(Message("locustfile", offer, client_id))


def _iterations(master: MasterRunner, client_id: str, msg: Message) -> None:
    """Answers a worker that asks for iterations; the last end of one ends the test."""
    question, shares = msg.data, master.iterations
    number, begun, ended = (question[name] for name in ("number", "begun", "ended"))
    if not all(type(count) is int and 0 <= count < 2**53 for count in (number, begun, ended)) or ended > begun:
        raise ValueError(f"its counts are {number!r}, {begun!r}, {ended!r}")
    if client_id not in master.clients or question["test"] != master.orders.test or shares.limit is None:
        return
    was_done = shares.are_done
    granted = shares.answer(client_id, number, begun, ended, question["wants"] is True, master.worker_count)
    answer = {"test": master.orders.test, "number": number, "granted": granted}
    master._send(Message("iterations", answer, client_id))
    if shares.are_done and not was_done:
        end_at_limit(master, shares.limit)


def _arrivals_left(master: MasterRunner, client_id: str, msg: Message) -> None:
    until_s = msg.data["until_s"]
    if type(until_s) is not float or not math.isfinite(until_s):
        raise ValueError(f"until_s is {until_s!r:.100}")
    if client_id in master.clients and msg.data["test"] == master.orders.test:
        master.arrivals.leave(client_id, until_s)


def _custom(master: MasterRunner, client_id: str, msg: Message) -> None:
    if not master._accept_custom(msg):
        master.refusals.note(
            f"unknown {msg.type[:40]}",
            f"Unknown message type received from worker {_name(master, client_id)}: {ascii(msg.type[:120])[1:-1]}",
        )


def _name(master: MasterRunner, client_id: str) -> str:
    return f"{client_id} (index {master.get_worker_index(client_id)})"


_HANDLERS: dict[str, Callable[[MasterRunner, str, Message], None]] = {
    "client_ready": _client_ready,
    "heartbeat": _heartbeat,
    "stats": _stats,
    "spawning": _spawning,
    "spawning_complete": _spawning_complete,
    "client_stopped": _client_stopped,
    "exception": _exception,
    "logs": _logs,
    "quit": _quit,
    "locustfile": _locustfile,
    "iterations": _iterations,
    "arrivals_left": _arrivals_left,
}
