"""MasterRunner: tells the workers what to run and adds up their reports."""

from __future__ import annotations

import functools
import logging
import os
import time
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

import gevent
from gevent import Greenlet

from locust_rs._states import STATE_INIT, STATE_MISSING, STATE_RUNNING, STATE_SPAWNING, STATE_STOPPED, STATE_STOPPING
from locust_rs._tunables import runners as tunables
from locust_rs.exception import RPCError, RPCSendError
from locust_rs.rpc import Message, rpc
from locust_rs.runners.base import greenlet_exception_handler
from locust_rs.runners.distributed import DistributedRunner, Refusals, admission_of, built_in_report_listener
from locust_rs.runners.iteration_limit import IterationShares
from locust_rs.runners.master import inbox, listening, watch
from locust_rs.runners.master.arrivals import MasterArrivals
from locust_rs.runners.master.backlog import Backlog
from locust_rs.runners.master.journal import journal_of
from locust_rs.runners.master.last_reports import LastReports
from locust_rs.runners.master.open_files import OpenFiles
from locust_rs.runners.master.report_inbox import ReportInbox
from locust_rs.runners.master.scenarios import MasterScenarios
from locust_rs.runners.master.spawn_orders import SpawnOrders
from locust_rs.runners.scenarios.timetable import bring_load, ramped
from locust_rs.runners.turns import in_turn, to_the_end
from locust_rs.runners.users.counts import (
    _aggregate_dispatched_users,
    _format_user_classes_count_for_log,
    check_ramp,
    log_spawned,
    warn_of_spawn_rate,
)
from locust_rs.runners.users.graceful import longest_stop_timeout
from locust_rs.runners.worker_nodes import WorkerNode, WorkerNodes
from locust_rs.util.messages import see

if TYPE_CHECKING:
    from locust_rs.env import Environment
    from locust_rs.user.users import User

logger = logging.getLogger("locust.runners")

STOP_MARGIN_S = 60.0
"""On top of the stop timeout: how long `stop` waits for workers."""


@functools.cache
def _report_wait_after_ramp_s() -> float:
    """Seconds that workers have to report their users after a ramp; Locust reads the variable once per process.

    Raises:
        ValueError: The environment variable is neither a number nor `N * WORKER_REPORT_INTERVAL`.
    """
    text = os.getenv("LOCUST_WAIT_FOR_WORKERS_REPORT_AFTER_RAMP_UP")
    if text is None:
        return 1.0
    factor, times, name = text.partition("*")
    try:
        if times and name.strip() == "WORKER_REPORT_INTERVAL":
            return float(factor) * tunables.WORKER_REPORT_INTERVAL
        return float(text)
    except ValueError:
        raise ValueError(
            f"LOCUST_WAIT_FOR_WORKERS_REPORT_AFTER_RAMP_UP is '{text}'; "
            "set it to seconds, or to a factor as in '2 * WORKER_REPORT_INTERVAL'"
        ) from None


class MasterRunner(DistributedRunner):
    """Runs no users itself: workers connect to it, run their share of the users and report to it.

    One greenlet reads all messages and never waits; slow work runs in greenlets of its own.

    Args:
        environment: The test.
        master_bind_host: Interface to listen on, "*" for all.
        master_bind_port: Port to listen on; 0 takes a free one, which `server.port` tells.

    Raises:
        RPCError: The port is in use.
        ValueError: `--master-allow` or the file of `--curve-key` is malformed.
    """

    is_master = True
    arrivals: MasterArrivals
    scenarios: MasterScenarios

    def __init__(self, environment: Environment, master_bind_host: str, master_bind_port: int) -> None:
        # What can fail comes first, so that a failure leaves nothing behind.
        self.journal = journal_of(environment)
        server = rpc.Server(master_bind_host, master_bind_port, admission_of(environment))
        super().__init__(environment)
        self.server = server
        self.master_bind_host = master_bind_host
        self.master_bind_port = master_bind_port
        self.spawn_rate: float = 0.0
        self.spawning_completed = False
        self.worker_indexes: dict[str, int] = {}
        self.worker_index_max = 0
        self.report_sequences: dict[str, int] = {}
        self.clients = WorkerNodes()
        self.refusals = Refusals()
        self.last_reports = LastReports()
        self.open_files = OpenFiles()
        self.reports = ReportInbox(self)
        self.health.measure_queue = self.reports.__len__
        self.orders = SpawnOrders(self)
        self.iterations = IterationShares()
        self._user_classes: list[type[User]] | None = None
        self._ramp: Greenlet[..., Any] | None = None
        self._redispatch: Greenlet[..., Any] | None = None
        self._ramp_has_steps = self.is_quitting = False
        environment.events.worker_report.add_listener(self._on_worker_report)
        environment.events.quitting.add_listener(self._on_quitting)
        self._keep_running(self.heartbeat_worker)
        self._keep_running(self.client_listener)
        self._keep_running(self.reports.deliver)
        if self.journal is not None:
            self.journal.restore(self)
            self._keep_running(self._keep_journal)

    # -- what others read --------------------------------------------------------------------------------------

    def rebalancing_enabled(self) -> bool:
        """Whether `--enable-rebalancing` was given."""
        options = self.environment.parsed_options
        return bool(options is not None and getattr(options, "enable_rebalancing", False))

    def get_worker_index(self, client_id: str) -> int:
        """The number of a worker, counted from 0; -1 for an unknown one. It never changes while the master lives."""
        return self.worker_indexes.get(client_id, -1)

    @property
    def user_count(self) -> int:
        """The number of users on all workers, as reported."""
        return sum(node.user_count for node in self.clients.all)

    @property
    def worker_count(self) -> int:  # type: ignore[override]  # an attribute in the other runners
        """Workers that can run users."""
        return sum(node.state in (STATE_INIT, STATE_SPAWNING, STATE_RUNNING) for node in self.clients.all)

    @property
    def reported_user_classes_count(self) -> dict[str, int]:
        """Users on all workers by class name, as reported."""
        reported: dict[str, int] = defaultdict(int)
        for node in self.clients.all:
            for name, count in node.user_classes_count.items():
                reported[name] += count
        return reported

    @property
    def running_by_class(self) -> dict[str, int]:
        """Users on all workers by class name, as reported."""
        return self.reported_user_classes_count

    def cpu_log_warning(self) -> bool:
        """Warns at the end of a test if the CPU of a worker was too busy, and returns whether it was."""
        warned = super().cpu_log_warning()
        if self.worker_cpu_warning_emitted:
            logger.warning("CPU usage threshold was exceeded on workers during the test!")
        return warned or self.worker_cpu_warning_emitted

    # -- a test's life -----------------------------------------------------------------------------------------

    def start(
        self, user_count: int, spawn_rate: float, wait: bool = False, user_classes: list[type[User]] | None = None
    ) -> None:
        """Starts a test, or changes the running one.

        Returns when all users are spawned, or when a later start or stop replaces the ramp.

        Args:
            user_count: The total number of users to reach.
            spawn_rate: Users started or stopped per second, on all workers together.
            wait: Unused; this always waits.
            user_classes: The classes of new users; None: any class.

        Raises:
            ValueError: The number of users or the rate is out of range.
        """
        ramp = self._begin_ramp(user_count, spawn_rate, user_classes)
        if ramp is not None:
            ramp.join()

    def _start_from_shape(self, user_count: int, spawn_rate: float, user_classes: list[type[User]] | None) -> None:
        self._begin_ramp(user_count, spawn_rate, user_classes)

    def _begin_ramp(
        self, user_count: int, spawn_rate: float, user_classes: list[type[User]] | None
    ) -> Greenlet[..., Any] | None:
        check_ramp(user_count, spawn_rate)
        self.spawning_completed = False
        self.target_user_count = user_count
        num_workers = self.worker_count
        if not num_workers:
            logger.warning("You can't start a distributed test before at least one worker processes has connected")
            return None
        times_ended = self._times_ended
        self._apply_host()
        self.spawn_rate = spawn_rate
        self._user_classes = user_classes
        logger.info(
            f"Sending spawn jobs of {user_count} users at {spawn_rate:.2f} spawn rate to {num_workers} ready workers"
        )
        warn_of_spawn_rate(spawn_rate / num_workers, per_worker=True)
        if not to_the_end(self._begin_unless_running, times_ended):
            return None
        self.update_state(STATE_SPAWNING)
        self.orders.options_may_have_changed()
        return self._spawn_ramp()

    def _begin_test(self) -> None:
        self._users_dispatcher = None
        if self.journal is None or not self.journal.hold(self):
            self.orders.begin_test()
        super()._begin_test()
        if self.journal is not None:
            self.journal.put_back(self)

    def _keep_journal(self) -> None:
        if self.journal is not None:
            self.journal.keep(self)

    def confirmed_report(self, worker_id: str) -> int:
        """The number of the latest report of a worker that will not be needed again."""
        if self.journal is not None:
            return self.journal.confirmed(self, worker_id)
        return self.report_sequences.get(worker_id, 0)

    def _make_arrivals(self) -> MasterArrivals:
        return MasterArrivals(self)

    def _make_scenarios(self) -> MasterScenarios:
        return MasterScenarios(self)

    def _begin_iterations(self) -> None:
        self.iterations = IterationShares(self.environment.iterations)
        self.environment.turnstile.begin(None)

    def pause(self) -> bool:
        """Lets no further iteration begin on any worker; see `Runner.pause`. Stock workers can't pause."""
        is_paused = super().pause()
        if is_paused:
            self._tell_pause()
        return is_paused

    def resume(self) -> None:
        """Ends a pause on all workers."""
        super().resume()
        self._tell_pause()

    def _tell_pause(self) -> None:
        """Tells all workers at once; those that miss it learn it from the next heartbeat."""
        others = [node.id for node in self.clients.all if not node.is_locust_rs]
        if others and self.is_paused:
            logger.warning(f"These workers do not run locust-rs and go on: {', '.join(others)}")
        for node in self.clients.all:
            if node.is_locust_rs and node.state != STATE_MISSING:
                self._send(Message("pause", {"paused": self.is_paused}, node.id))

    def _spawn_ramp(self) -> Greenlet[..., Any]:
        """Starts the greenlet that ramps to the target, in place of one that ramps to an earlier target."""
        if self._ramp is not None and self._ramp is not gevent.getcurrent():
            self._ramp.kill(block=True)
        self._ramp = self.greenlet.spawn(self._run_ramp)
        self._ramp.link_exception(greenlet_exception_handler)
        return self._ramp

    def _run_ramp(self) -> None:
        dispatcher = self._users_dispatcher
        is_new = dispatcher is None
        if dispatcher is None:
            nodes = [node for node in self.clients.all if node.state != STATE_MISSING and not node.is_leaving]
            dispatcher = self.environment.dispatcher_class(
                worker_nodes=nodes, user_classes=ramped(self, self.user_classes)
            )
            self._users_dispatcher = dispatcher
        spawned = None if self._user_classes is None else ramped(self, self._user_classes)
        if is_new and self.journal is not None:
            self.journal.fill(self, dispatcher, spawned)
        dispatcher.new_dispatch(
            target_user_count=self.target_user_count, spawn_rate=self.spawn_rate, user_classes=spawned
        )
        self._is_ramping = True
        users_on_workers: dict[str, dict[str, int]] = {}
        self._ramp_has_steps = True
        for users_on_workers in dispatcher:
            self.orders.send(self.scenarios.with_ramp(users_on_workers))
        self._ramp_has_steps = False
        self.target_user_classes_count = _aggregate_dispatched_users(users_on_workers)
        complete = self._await_reports(self.target_user_classes_count)
        self.spawning_completed = True
        self._is_ramping = False
        to_the_end(self._complete_spawning, sum(self.target_user_classes_count.values()))
        self.send_message("spawning_complete", {"user_count": sum(self.target_user_classes_count.values())})
        if complete:
            log_spawned(self.reported_user_classes_count, bring_load(self))
        else:
            logger.info(
                "Spawning is complete and report waittime is expired, but not all reports received from workers: %s",
                _format_user_classes_count_for_log(dict(self.reported_user_classes_count)),
            )

    def _await_reports(self, target: dict[str, int]) -> bool:
        """Waits until the workers have reported the users of `target`. Returns False if they took too long.

        Users that are too many get the stop timeout to finish their tasks.
        """
        deadline = time.monotonic() + self._wait_for_workers_report_after_ramp_up()
        wanted = +Counter(target)
        while (reported := self._reported_of_spawned()) != wanted:
            too_many = bool(reported - wanted)
            if time.monotonic() > deadline + (longest_stop_timeout(self) if too_many else 0):
                return False
            gevent.sleep(0.05)
        return True

    def _reported_of_spawned(self) -> Counter[str]:
        """The users that workers have reported, without those of classes that bring their own load."""
        reported = self.reported_user_classes_count
        others = bring_load(self)
        return +Counter({name: count for name, count in reported.items() if name not in others})

    _wait_for_workers_report_after_ramp_up = staticmethod(_report_wait_after_ramp_s)

    def request_redispatch(self) -> None:
        """Distributes the users again soon, because workers came or went; several requests cause one ramp."""
        if self.state not in (STATE_SPAWNING, STATE_RUNNING) or self._redispatch:
            return
        if self._ramp and self._ramp_has_steps:
            # The remaining steps take the change into account.
            return
        self._redispatch = self.greenlet.spawn(self._redispatch_soon)

    def _redispatch_soon(self) -> None:
        gevent.sleep(0.1)
        self._redispatch = None
        if self.state in (STATE_SPAWNING, STATE_RUNNING) and self.worker_count:
            self.spawning_completed = False
            self.update_state(STATE_SPAWNING)
            self._spawn_ramp()

    @in_turn
    def stop(self, send_stop_to_client: bool = True) -> None:
        """Stops the test on all workers and waits for them and their last reports.

        Args:
            send_stop_to_client: False if the workers know already, or are gone.
        """
        self._times_ended += 1
        if self.state in (STATE_INIT, STATE_STOPPED, STATE_STOPPING):
            return
        logger.debug("Stopping...")
        self.environment.thresholds.stopping()
        self.environment.events.test_stopping.fire(environment=self.environment)
        self._end_ramp()
        self.final_user_classes_count = dict(self.reported_user_classes_count)
        self.update_state(STATE_STOPPING)
        if send_stop_to_client:
            active = [node for node in self.clients.all if node.state not in (STATE_INIT, STATE_MISSING)]
            self.last_reports.expect(active, until="stopped")
            for node in active:
                self.tell_to_stop(node)
            self._await_last_reports(STOP_MARGIN_S)
        self.update_state(STATE_STOPPED)
        self.cpu_log_warning()
        self.environment.thresholds.close()
        self.environment.events.test_stop.fire(environment=self.environment)
        if self.journal is not None:
            self.journal.end(self)

    def quit(self) -> None:
        """Stops the test, tells all workers to quit, waits for their last reports and ends the runner's greenlets."""
        # A test that is being stopped takes no longer than one that quitting stops.
        self.last_reports.wait_no_longer_than(longest_stop_timeout(self) + tunables.LAST_REPORT_TIMEOUT)
        with self._turn:
            if not self.is_quitting:
                self.is_quitting = True
                self._quit()

    def _quit(self) -> None:
        self._times_ended += 1
        was_running = self.state not in (STATE_INIT, STATE_STOPPED, STATE_STOPPING)
        logger.debug("Quitting...")
        if was_running:
            self.environment.thresholds.stopping()
            self.environment.events.test_stopping.fire(environment=self.environment)
            self.final_user_classes_count = dict(self.reported_user_classes_count)
        self._end_ramp()
        if was_running:
            self.update_state(STATE_STOPPING)
        present = [node for node in self.clients.all if node.state != STATE_MISSING]
        self.last_reports.expect(present, until="quit")
        for node in present:
            logger.debug(f"Sending quit message to worker {node.id} (index {self.get_worker_index(node.id)})")
            self._send(Message("quit", self._how_to_stop(node), node.id))
        silent = self._await_last_reports(tunables.LAST_REPORT_TIMEOUT)
        self.last_reports.wait_for_quits([node for node in present if not node.is_foreign and node.id not in silent])
        if was_running:
            self.update_state(STATE_STOPPED)
            self.cpu_log_warning()
            self.environment.thresholds.close()
            self.environment.events.test_stop.fire(environment=self.environment)
            if self.journal is not None:
                self.journal.end(self)
        self.environment.events.quitting.remove_listener(self._on_quitting)
        self.server.close(linger=500)
        self.greenlet.kill(block=True)

    def _end_ramp(self) -> None:
        self._end_shape()
        for greenlet in (self._ramp, self._redispatch):
            if greenlet is not None and greenlet is not gevent.getcurrent():
                greenlet.kill(block=True)
        self._ramp = self._redispatch = None
        self._is_ramping = False
        self._users_dispatcher = None
        self.arrivals.end()
        self.scenarios.end()
        self.environment.turnstile.resume()
        self.orders.forget()

    def _await_last_reports(self, margin_s: float) -> list[str]:
        """Waits for the last reports that are expected; names and returns the workers that did not send theirs."""
        self.reports.make_way()
        timeout_s = longest_stop_timeout(self) + margin_s
        silent = self.last_reports.wait(timeout_s, Backlog(self).is_growing)
        self.arrivals.close()
        if silent:
            logger.error("Timeout waiting for all workers to stop")
            logger.warning(
                f"No last report within {timeout_s:g} seconds from {', '.join(sorted(silent))}: "
                f"requests since its last one are missing from the statistics. {see('no-last-report')}"
            )
        return silent

    def check_stopped(self) -> None:
        """Enters the state "stopped" once the last worker has stopped by itself."""
        if self.state not in (STATE_SPAWNING, STATE_RUNNING) or not self.clients:
            return
        if not self.clients.any_active():
            self.update_state(STATE_STOPPED)

    # -- workers -----------------------------------------------------------------------------------------------

    def heartbeat_worker(self) -> None:
        """Counts down the liveness of every worker, once per heartbeat; never returns."""
        watch.watch_workers(self)

    def tell_to_stop(self, node: WorkerNode, reminder: bool = False) -> None:
        """Tells a worker to stop its users. A locust-rs worker that has stopped ignores a reminder."""
        node.told_to_stop_at = time.monotonic()
        told = self._how_to_stop(node)
        if reminder and node.is_locust_rs:
            told = {**(told or {}), "reminder": True}
        self.send_message("stop", told, node.id)

    def _how_to_stop(self, node: WorkerNode) -> dict[str, Any] | None:
        return {"at_once": True} if self._ends_at_once and node.is_locust_rs else None

    def forget_worker(self, node: WorkerNode) -> None:
        """Removes a worker for good."""
        if self.clients.get(node.id) is node:
            del self.clients[node.id]
        self.withdraw(node)

    def withdraw(self, node: WorkerNode) -> None:
        """Distributes the users of a worker, and the iterations it has not made, to the others."""
        self.iterations.lose(node.id)
        if not node.is_leaving:
            self.hand_over(node)

    def hand_over(self, node: WorkerNode) -> None:
        """Distributes the users of a worker to the others."""
        self.orders.forget(node.id)
        if self._users_dispatcher is not None:
            self._users_dispatcher.remove_worker(node)
            self.request_redispatch()

    def admit_worker(self, node: WorkerNode) -> None:
        """Gives a worker that connected, or came back, its share of the users."""
        self.orders.forget(node.id)
        if self._users_dispatcher is not None:
            self._users_dispatcher.add_worker(worker_node=node)
            self.request_redispatch()

    # -- messages ----------------------------------------------------------------------------------------------

    def client_listener(self) -> None:
        """Reads the messages of all workers; never returns before the master quits."""
        listening.listen(self)

    def handle_message(self, client_id: str, msg: Message) -> None:
        """Handles one message.

        Args:
            client_id: The ZeroMQ identity of the peer that sent it.
            msg: The message.

        Raises:
            Exception: The message is invalid; nothing was changed.
        """
        inbox.handle(self, client_id, msg)

    def send_message(self, msg_type: str, data: dict[str, Any] | None = None, client_id: str | None = None) -> None:
        """Sends a message to one worker or to all.

        Args:
            msg_type: The type.
            data: The content; anything that msgpack can pack.
            client_id: The worker; None: all of them.
        """
        if client_id is not None:
            self._send(Message(msg_type, data, client_id))
            return
        for node in self.clients.all:
            self._send(Message(msg_type, data, node.id))

    def _send(self, msg: Message) -> None:
        logger.debug("Sending %s message to worker %s", msg.type, msg.node_id)
        try:
            self.server.send_to_client(msg)
        except RPCSendError as error:
            self.refusals.note("unsendable", f"A {msg.type} message to {msg.node_id} could not be sent: {error}")

    def reset_connection(self) -> None:
        """Reopens the server's socket after it failed."""
        logger.info("Resetting RPC server and all worker connections.")
        try:
            self.server.close(linger=0)
            self.server = rpc.Server(self.master_bind_host, self.server.port, admission_of(self.environment))
            self.connection_broken = False
        except RPCError as error:
            logger.error(f"Temporary failure when resetting connection: {error}, will retry later.")

    @built_in_report_listener
    def _on_worker_report(self, client_id: str, data: dict[str, Any], **kwargs: Any) -> None:
        if client_id not in self.clients:
            logger.info("Discarded report from unrecognized worker %s", client_id)
        elif "user_classes_count" in data:
            self.take_user_counts(client_id, data["user_classes_count"])

    def take_user_counts(self, client_id: str, user_classes_count: dict[str, int]) -> None:
        """Stores the users that a worker reported, unless it is missing or leaving: others run its users by now."""
        node = self.clients[client_id]
        if node.state != STATE_MISSING and not node.is_leaving:
            node.user_classes_count = user_classes_count

    def _on_quitting(self, environment: Environment, **kwargs: Any) -> None:
        self.quit()
