"""WorkerRunner: runs the users that its master asks for, and reports."""

from __future__ import annotations

import logging
import os
import socket
import time
import traceback
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import gevent
import msgpack
import zmq
from gevent.event import Event
from gevent.queue import Queue

from locust_rs._states import STATE_INIT, STATE_RUNNING, STATE_SPAWNING, STATE_STOPPED
from locust_rs._tunables import runners as tunables
from locust_rs._version import __version__
from locust_rs.exception import RPCError, RPCReceiveError, RPCSendError
from locust_rs.log import get_logs
from locust_rs.rpc import Message, rpc
from locust_rs.runners.arrivals.ledger import to_message
from locust_rs.runners.distributed import (
    LOCUST_RS_PEER,
    DistributedRunner,
    Refusals,
    built_in_report_listener,
    keys_of,
    sole_listener,
)
from locust_rs.runners.iteration_limit import Allotment
from locust_rs.runners.scenarios.timetable import NoScenarios
from locust_rs.runners.turns import in_turn
from locust_rs.runners.worker import departure, inbox
from locust_rs.runners.worker.arrivals import WorkerArrivals
from locust_rs.runners.worker.master_contact import MasterContact, loss_timeout_s
from locust_rs.runners.worker.pulse import Pulse
from locust_rs.runners.worker.report_outbox import ReportOutbox
from locust_rs.stats.distributed import ReportFiller

if TYPE_CHECKING:
    from locust_rs.env import Environment
    from locust_rs.user.users import User

logger = logging.getLogger("locust.runners")

MAX_NEW_LOG_LINES = 70
"""New lines in one interval after which a worker stops reporting its log."""


_OWN_SEND = rpc.Client.send


class WorkerRunner(DistributedRunner):
    """Connects to a master, runs the users it asks for, and reports to it.

    One greenlet reads the master's messages and never waits; spawning, stopping and quitting run in greenlets of
    their own.

    Args:
        environment: The test.
        master_host: Host of the master.
        master_port: Port on which it listens for workers.

    Raises:
        ConnectionError: No master answered, after `CONNECT_RETRY_COUNT` attempts.
        ValueError: The file of `--curve-key` is not a worker's key file.
    """

    is_worker = True
    worker_index = -1
    arrivals: WorkerArrivals

    def __init__(self, environment: Environment, master_host: str, master_port: int) -> None:
        keys = keys_of(environment)
        super().__init__(environment)
        self.retry = 0
        self.connected = False
        self.last_heartbeat_timestamp: float | None = None
        self.connection_event = Event()
        self.worker_state = STATE_INIT
        self.client_id = f"{socket.gethostname()}_{uuid4().hex}"
        self._node_name = self.client_id
        self.master_host = master_host
        self.master_port = master_port
        self.web_base_path = getattr(environment.parsed_options, "web_base_path", "") or ""
        self.logs: list[str] = []
        self.refusals = Refusals()
        self.last_received_spawn_timestamp: float = 0
        self._keys = keys
        self._orders: Queue[Callable[[], None]] = Queue()
        self._stops_due = 0
        self._stop_is_latest = False
        self._is_leaving = False
        self._outbox = ReportOutbox(self._send)
        self._contact = MasterContact(self)
        self._test: str | None = None
        self._is_limited = self._starts_paused = False
        self._allotment = Allotment(self)
        self.client = rpc.Client(master_host, master_port, self.client_id, keys)
        self._pulse = Pulse(master_host, master_port, self.client_id, keys)
        self._keep_running(self.worker)
        self._keep_running(self._carry_out_orders)
        self._keep_running(self.heartbeat)
        self._keep_running(self.heartbeat_timeout_checker)
        environment.events.report_to_master.add_listener(self._on_report_to_master)
        environment.events.quitting.add_listener(self._on_quitting)
        environment.events.user_error.add_listener(self._on_user_error)
        self.connect_to_master()
        # After the last switch to other greenlets, so that `init` is fired before the first report: its handlers
        # prepare what the handlers of `report_to_master` use.
        self._keep_running(self.stats_reporter)
        self._keep_running(self.logs_reporter)

    # -- connection --------------------------------------------------------------------------------------------

    def connect_to_master(self) -> None:
        """Registers with the master and waits for its answer.

        Raises:
            ConnectionError: No answer came, after `CONNECT_RETRY_COUNT` attempts.
        """
        while not self.connected:
            self.retry += 1
            self._register()
            if self.connection_event.wait(timeout=tunables.CONNECT_TIMEOUT):
                break
            problem = self._contact.note_problem()
            if self.retry < 3:
                logger.debug(
                    f"Failed to connect to master {self.master_host}:{self.master_port}, "
                    f"retry {self.retry}/{tunables.CONNECT_RETRY_COUNT}."
                )
            else:
                logger.warning(
                    f"Failed to connect to master {self.master_host}:{self.master_port}, "
                    f"retry {self.retry}/{tunables.CONNECT_RETRY_COUNT}."
                )
            if self.retry >= tunables.CONNECT_RETRY_COUNT:
                raise ConnectionError(
                    f"No answer from a master at {self.master_host}:{self.master_port} after {self.retry} attempts: "
                    + (problem or "check --master-host and --master-port, and that the master runs")
                )
        self.connected = True

    def _register(self) -> None:
        if self._is_leaving:
            return
        self._send(Message("client_ready", __version__, self.client_id))

    def reset_connection(self) -> None:
        """Replaces the socket with a new one of the same identity."""
        logger.info("Reset connection to master")
        try:
            self.client.close(linger=0)
            self.client = rpc.Client(self.master_host, self.master_port, self.client_id, self._keys)
        except RPCError as error:
            logger.error(f"Temporary failure when resetting connection: {error}, will retry later.")

    def _send(self, msg: Message) -> bool:
        """Sends without blocking or raising. Returns False if the message could not be sent."""
        try:
            send = self.client.send
            if getattr(send, "__func__", None) is _OWN_SEND:
                self.client.socket.send(msg.serialize(), zmq.NOBLOCK)
            else:
                # A plug-in has wrapped it, to see every message.
                send(msg)
        except (RPCSendError, zmq.ZMQError, TypeError) as error:
            self.refusals.note("unsendable", f"A {msg.type} message to the master could not be sent: {error}")
            return False
        return True

    def heartbeat(self) -> None:
        """Tells the master every `HEARTBEAT_INTERVAL` seconds that this worker is alive; never returns."""
        while True:
            self._pulse.loop_is_alive()
            self._send_heartbeat()
            self._allotment.remind()
            gevent.sleep(tunables.HEARTBEAT_INTERVAL)

    def _send_heartbeat(self) -> None:
        state: dict[str, Any] = {
            "state": self.worker_state,
            "current_cpu_usage": self.current_cpu_usage,
            "current_memory_usage": self.current_memory_usage,
            "peer": LOCUST_RS_PEER,
            "hub_lag_ms": round(self.health.hub_lag_ms, 3),
            "inflated": self.health.inflated,
            "lateness": self.health.to_message(),
            "order": self.last_received_spawn_timestamp,
            "oldest": self._outbox.oldest,
        }
        if self._is_leaving:
            state["leaving"] = True
        self._send(Message("heartbeat", state, self.client_id))

    def heartbeat_timeout_checker(self) -> None:
        """Watches whether the master is alive.

        Without it the users are stopped after `MASTER_LOSS_TIMEOUT`, or `MASTER_HEARTBEAT_TIMEOUT` if that is less. The
        worker keeps registering, and joins any master that answers, until `RECONNECT_TIMEOUT`.
        """
        next_attempt = 0.0
        told = False
        while True:
            gevent.sleep(min(1.0, loss_timeout_s() / 4))
            silence = self._contact.silence_s()
            if self.last_heartbeat_timestamp is None or silence < loss_timeout_s():
                told = False
                continue
            if silence > tunables.RECONNECT_TIMEOUT:
                logger.error(f"Didn't get heartbeat from master in over {silence:.0f}s: giving up")
                gevent.spawn(self.quit)
                return
            if silence > tunables.MASTER_HEARTBEAT_TIMEOUT and not told:
                told = True
                logger.error(
                    f"Didn't get heartbeat from master in over {tunables.MASTER_HEARTBEAT_TIMEOUT:g}s, "
                    "waiting for it to come back"
                )
            if self.state in (STATE_SPAWNING, STATE_RUNNING):
                logger.warning(f"No sign of the master for {silence:.0f} s: stopping all users")
                self.connection_event.clear()
                self._begin_stop(report=False)
            if time.monotonic() >= next_attempt and not self._stops_due:
                next_attempt = time.monotonic() + min(tunables.CONNECT_TIMEOUT, 2.0)
                self._contact.note_problem()
                self._register()

    # -- users -------------------------------------------------------------------------------------------------

    def start(
        self, user_count: int, spawn_rate: float, wait: bool = False, user_classes: list[type[User]] | None = None
    ) -> None:
        """Not available on workers: the master decides.

        Raises:
            NotImplementedError: Always.
        """
        raise NotImplementedError("use start_worker")

    def start_worker(self, user_classes_count: dict[str, int], **kwargs: Any) -> None:
        """Starts and stops users until the given number runs, and tells the master.

        Args:
            user_classes_count: Absolute numbers of users by class name.
            kwargs: `host` and `stop_timeout` of the test.
        """
        self.target_user_classes_count = user_classes_count
        self.target_user_count = sum(user_classes_count.values())
        self._apply_host()
        known = self.user_classes_by_name
        unknown = sorted(name for name, count in user_classes_count.items() if count and name not in known)
        if unknown:
            logger.error(
                f"The master asks for users of {', '.join(unknown)}, which this worker's locustfile lacks "
                f"(it has {', '.join(sorted(known)) or 'no User class'}): give master and workers the same locustfile"
            )
        self._roster.aim({name: count for name, count in user_classes_count.items() if name in known})
        if not self._roster.settle() or self.spawning_greenlet not in (None, gevent.getcurrent()):
            return
        self._send(
            Message(
                "spawning_complete",
                {"user_classes_count": self.user_classes_count, "user_count": self.user_count},
                self.client_id,
            )
        )
        self._is_ramping = False
        self.worker_state = STATE_RUNNING
        self.update_state(STATE_RUNNING)

    def _carry_out_orders(self) -> None:
        """Does what the master says, in the order in which it said it; never returns.

        The handlers of `test_start` and `test_stop` may take their time: what comes meanwhile waits here.
        """
        while True:
            self._orders.get()()

    def _begin_start(self, order: dict[str, Any]) -> None:
        """Carries out a spawn message after the orders before it."""
        self.worker_state = STATE_SPAWNING
        self._stop_is_latest = False
        self._orders.put(partial(self._start_as_ordered, order))

    def _start_as_ordered(self, order: dict[str, Any]) -> None:
        times_ended = self._times_ended
        test = order.get("test")
        self.worker_state = STATE_SPAWNING
        if self.state in (STATE_RUNNING, STATE_SPAWNING) and test != self._test:
            # The "stop" between the two tests did not arrive.
            self.stop()
            self._send_stats(last=True)
            times_ended = self._times_ended
        self._test = test
        self._is_limited = order.get("iterations") is not None
        self._starts_paused = order.get("paused") is True
        self.environment.intended_start = order.get("intended_start") is True
        self.environment.grouped_by = set(order.get("grouped_by") or ())
        if not self._begin_unless_running(times_ended):
            return
        self.update_state(STATE_SPAWNING)
        # Numbers are absolute: there is nothing left to do for an earlier order.
        self._supersede_spawning()
        self._is_ramping = True
        self.spawning_greenlet = self.greenlet.spawn(
            self.start_worker, order["user_classes_count"], host=order["host"], stop_timeout=order["stop_timeout"]
        )
        self.spawning_greenlet.link_exception(self._on_failure)

    def _make_arrivals(self) -> WorkerArrivals:
        return WorkerArrivals(self)

    def _make_scenarios(self) -> NoScenarios:
        return NoScenarios()

    def _begin_iterations(self) -> None:
        self._allotment.begin(self._test, self._is_limited)
        if self._starts_paused:
            self.environment.turnstile.pause()

    def _begin_completion(self, user_count: int) -> None:
        """Fires `spawning_complete` after the orders before it."""
        self._orders.put(partial(self.spawning_complete, user_count))

    def spawning_complete(self, user_count: int) -> None:
        """Tells listeners that all users of the whole test are spawned."""
        # In a greenlet of its own: a handler may take longer than the test.
        gevent.spawn(self._complete_spawning, user_count).link_exception(self._on_failure)

    def _begin_stop(self, *, report: bool = True) -> None:
        """Stops the users after the orders before it.

        Args:
            report: Whether to tell the master, and to register again.
        """
        if self._stops_due and self._stop_is_latest:
            return
        self._stops_due += 1
        self._stop_is_latest = True
        self._orders.put(partial(self._stop_and_report, report))

    def _stop_and_report(self, report: bool) -> None:
        try:
            self.stop()
            self.worker_state = STATE_INIT
            # Without a master the report is kept until there is one.
            self._send_stats(last=True)
            if not report:
                return
            self._send(Message("client_stopped", None, self.client_id))
            # Some systems under test need time between two tests.
            gevent.sleep(_additional_wait_s())
        finally:
            self._stops_due -= 1
        self._register()

    def leave(self) -> None:
        """Quits, and hands the users over to other workers first.

        The master learns at once that this worker takes no more users. Its users may finish their tasks within the stop
        timeout, and the last report is in when this returns, unless the master does not answer for three seconds.
        """
        self._is_leaving = True
        self.arrivals.leave()
        departure.announce(self)
        self.quit()

    @in_turn
    def stop(self) -> None:
        """Stops all users and fires `test_stopping` and `test_stop`, if a test runs."""
        self._times_ended += 1
        if self.state in (STATE_INIT, STATE_STOPPED):
            return
        self.environment.events.test_stopping.fire(environment=self.environment)
        super().stop()
        self.environment.events.test_stop.fire(environment=self.environment)

    @in_turn
    def quit(self) -> None:
        """Stops the users, sends the last report, and ends the runner's greenlets."""
        self.stop()
        self._send_stats(last=True)
        if self._is_leaving:
            departure.await_confirmation(self)
        self._pulse.stop()
        self.greenlet.kill(block=True)

    # -- messages ----------------------------------------------------------------------------------------------

    def worker(self) -> None:
        """Reads the master's messages; never returns. Invalid messages are dropped and counted."""
        while True:
            try:
                msg = self.client.recv()
            except RPCReceiveError as error:
                self.refusals.note("malformed", str(error))
                continue
            except RPCError as error:
                logger.error(f"RPCError found when receiving from master: {error}")
                gevent.sleep(1)
                self.reset_connection()
                continue
            try:
                self.handle_message(msg)
            except Exception as error:
                logger.debug("A message could not be handled", exc_info=True)
                self.refusals.note("unusable", f"A {msg.type[:80]!a} message was dropped: {error!r}")

    def handle_message(self, msg: Message) -> None:
        """Handles one message of the master.

        Raises:
            Exception: The message is invalid; nothing was changed.
        """
        self._contact.heard()
        inbox.handle(self, msg)

    def send_message(self, msg_type: str, data: dict[str, Any] | None = None, client_id: str | None = None) -> None:
        """Sends a message to the master.

        Args:
            msg_type: The type.
            data: The content; anything that msgpack can pack.
            client_id: Unused.
        """
        logger.debug("Sending %s message to master", msg_type)
        self._send(Message(msg_type, data, self.client_id))

    # -- reports -----------------------------------------------------------------------------------------------

    def stats_reporter(self) -> None:
        """Sends the statistics every `WORKER_REPORT_INTERVAL` seconds; never returns."""
        while True:
            self._send_stats()
            gevent.sleep(tunables.WORKER_REPORT_INTERVAL)

    def _send_stats(self, last: bool = False) -> None:
        """Sends what was counted since the last report.

        Args:
            last: Whether nothing more will come until the next test.
        """
        extra: dict[str, Any] = {"last": True} if last else {}
        if self._test is not None:
            extra["test"] = self._test
        filler = sole_listener(self.environment.events.report_to_master, ReportFiller)
        data: dict[str, Any] = {}
        if filler is None:
            self.environment.events.report_to_master.fire(client_id=self.client_id, data=data)
        if self.stats.intended is not None and (intended := self.stats.intended.take()):
            extra["intended"] = intended
        if arrivals := self.arrivals.counts:
            extra["arrivals"] = to_message(arrivals)
        if taken := self.environment.metrics.take():
            extra["own_metrics"] = taken
        if pieces := self.environment.evidence.take(is_last=last):
            extra["evidence"] = pieces
        if self.stats.groups is not None:
            extra["groups"] = self.stats.groups.take(self.client_id)
        # No other greenlet runs from here on, so reports are numbered in the order in which they are sent.
        number = extra["sequence"] = self._outbox.next_number()
        if filler is not None:
            packed = {key: msgpack.packb(value) for key, value in extra.items()}
            frame = filler.pack(self.client_id, self.user_count, self.user_classes_count, packed)
        else:
            frame = Message("stats", {**data, **extra}, self.client_id).serialize()
        self._outbox.post(number, Message.of_frame("stats", frame, self.client_id))

    def logs_reporter(self) -> None:
        """Sends the log every `WORKER_LOG_REPORT_INTERVAL` seconds while it grows."""
        if tunables.WORKER_LOG_REPORT_INTERVAL < 0:
            return
        while True:
            current = get_logs()
            if len(current) - len(self.logs) > MAX_NEW_LOG_LINES:
                self._send_logs(current)
                logger.warning(
                    f"The worker attempted to send more than {MAX_NEW_LOG_LINES} log lines in one interval. "
                    "Further log sending was disabled for this worker."
                )
                return
            if current != self.logs:
                self._send_logs(current)
            self.logs = current
            gevent.sleep(tunables.WORKER_LOG_REPORT_INTERVAL)

    def _send_logs(self, current_logs: list[str]) -> None:
        self._send(Message("logs", {"worker_id": self.client_id, "logs": current_logs}, self.client_id))

    @built_in_report_listener
    def _on_report_to_master(self, client_id: str, data: dict[str, Any], **kwargs: Any) -> None:
        data["user_classes_count"] = self.user_classes_count
        data["user_count"] = self.user_count

    def _on_user_error(self, user_instance: Any, exception: BaseException, tb: Any, **kwargs: Any) -> None:
        self._note_exception(exception)

    def _note_exception(self, error: BaseException) -> None:
        # Sent and not counted here: a worker's exit code is about the worker, the master's is about the test.
        formatted_tb = "".join(traceback.format_tb(error.__traceback__))
        self._send(Message("exception", {"msg": str(error), "traceback": formatted_tb}, self.client_id))

    def _on_quitting(self, environment: Environment, **kwargs: Any) -> None:
        self._pulse.stop()
        self._send(Message("quit", None, self.client_id))


def _additional_wait_s() -> float:
    return float(os.getenv("LOCUST_WORKER_ADDITIONAL_WAIT_BEFORE_READY_AFTER_STOP") or 0)
