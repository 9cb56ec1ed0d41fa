"""One run from the command line: creates runner and web UI, waits for a reason to stop, and shuts down in order."""

from __future__ import annotations

import logging
import sys
from argparse import Namespace
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, NoReturn

import gevent

from locust_rs import log, stats
from locust_rs._tunables import stats as stats_tunables
from locust_rs.cli import live_view, resumption
from locust_rs.cli.autostart import GaveUpWaiting, start_when_ready
from locust_rs.cli.keeping import Keeping, start_keeping
from locust_rs.cli.keys import listen_for_keys
from locust_rs.cli.processes import QUIT_WITHIN_S
from locust_rs.cli.reports import Outputs, exit_code_of
from locust_rs.cli.shutdown import FILES_WITHIN_S, HANDLERS_WITHIN_S, USERS_WITHIN_S, end_without_cleanup
from locust_rs.exception import ConfigurationError, RPCError
from locust_rs.log import greenlet_exception_logger
from locust_rs.runners.users.graceful import longest_stop_timeout

if TYPE_CHECKING:
    from gevent import Greenlet

    from locust_rs.cli.processes import Children
    from locust_rs.cli.shutdown import Stop
    from locust_rs.env import Environment
    from locust_rs.runners import Runner

logger = logging.getLogger("locust.main")


class Session:
    """One run. Owned by the main greenlet, used once.

    Args:
        environment: An environment without a runner.
        options: The command line.
        stop: Collects the reasons to end the run.
        children: Forked workers, if this is their master.
    """

    def __init__(self, environment: Environment, options: Namespace, stop: Stop, children: Children | None) -> None:
        self._environment = environment
        self._options = options
        self._stop = stop
        self._children = children
        self._gave_up = False
        self._view: live_view.LiveView | None = None
        self._keeping = Keeping()
        self._helpers: list[Greenlet[..., None]] = []

    def run(self) -> NoReturn:
        """Runs to the end and ends the process with the exit code, or with that of a `sys.exit` in user code."""
        try:
            self._run()
        except SystemExit:
            self._leave()
            raise

    def _run(self) -> NoReturn:
        stats_tunables.PRECISE = self._options.precise
        runner = self._make_runner()
        self._stop.begin_run(lambda: longest_stop_timeout(runner))
        self._keeping = self._start_keeping()
        outputs = self._make_outputs()
        url = None if self._options.headless or self._options.worker else self._make_web_ui(outputs)
        stats.validate_stats_configuration()
        self._environment.events.init.fire(
            environment=self._environment, runner=runner, web_ui=self._environment.web_ui
        )
        if log.unhandled_greenlet_exception:
            logger.error("A handler of init or init_command_line_parser failed (see above): nothing is started")
            self._end_early(1)
        self._start(runner, outputs, url)
        self._stop.wait()
        self._finish(runner, outputs)

    def _start_keeping(self) -> Keeping:
        try:
            return start_keeping(self._environment, self._options)
        except ConfigurationError as error:
            logger.error(error)
            self._end_early(1)

    def _make_outputs(self) -> Outputs:
        try:
            return Outputs(self._environment, self._options, self._keeping.gate)
        except OSError as error:
            logger.error(f"--csv {self._options.csv_prefix}: {error}")
            self._end_early(1)

    def _make_runner(self) -> Runner:
        options, environment = self._options, self._environment
        try:
            if options.master:
                return environment.create_master_runner(options.master_bind_host, options.master_bind_port)
            if options.worker:
                return environment.create_worker_runner(options.master_host, options.master_port)
            return environment.create_local_runner()
        except RPCError as error:
            logger.error(
                f"The Locust master port ({options.master_bind_port}) was busy or can't be used on "
                f"'{options.master_bind_host}'. Close any applications using that port - perhaps an old instance "
                f"of Locust master is still running? Or choose another with --master-bind-port. ({error})"
            )
            self._end_early(1)
        except ConnectionError as error:
            logger.error(error)
            self._end_early(-1)
        except (ValueError, OSError) as error:
            self._refuse(error)

    def _make_web_ui(self, outputs: Outputs) -> str:
        options = self._options
        host = "" if options.web_host == "*" else options.web_host
        scheme = "https" if options.tls_cert and options.tls_key else "http"
        shown = options.web_host_display_name or host or "0.0.0.0"
        path = f"/{options.web_base_path.strip('/')}" if options.web_base_path.strip("/") else ""
        url = f"{scheme}://{f'[{shown}]' if ':' in shown else shown}:{options.web_port}{path}"
        logger.info(f"Starting web interface at {url}, press enter to open your default browser.")
        try:
            web_ui = self._environment.create_web_ui(
                host=host,
                port=options.web_port,
                web_base_path=options.web_base_path,
                web_login=options.web_login,
                tls_cert=options.tls_cert,
                tls_key=options.tls_key,
                stats_csv_writer=outputs.csv_writer,
                delayed_start=True,
                userclass_picker_is_active=options.class_picker,
                build_path=options.build_path or None,
            )
        except (ValueError, OSError) as error:
            self._refuse(error)
        web_ui.kept_runs.offer(self._keeping.store, self._keeping.reason)
        return f"{scheme}://{'localhost' if shown == '0.0.0.0' else shown}:{options.web_port}{path}"

    def _start(self, runner: Runner, outputs: Outputs, url: str | None) -> None:
        options, web_ui = self._options, self._environment.web_ui
        if web_ui is not None:
            try:
                web_ui.start()
            except (ValueError, OSError) as error:
                self._refuse(error)
            if web_ui.greenlet is not None:
                web_ui.greenlet.link(lambda _: self._stop.asked.set())
        else:
            self._help(lambda: self._end_with(runner))
        if options.worker:
            return
        if options.metrics_port is not None:
            self._serve_metrics()
        outputs.start()
        if options.headless or options.autostart:
            self._help(self._run_test)
        elif web_ui is not None and resumption.is_due(runner):
            self._help(lambda: resumption.resume_on_page(self._environment, options))
        if live_view.is_wanted(options):
            self._view = live_view.LiveView(self._environment, options.run_time)
        elif options.print_stats or (options.headless and not options.only_summary):
            self._help(stats.stats_printer(self._environment.stats))
        if self._children is not None:
            self._help(self._watch_children)
        self._helpers.append(listen_for_keys(self._environment, url))

    def _serve_metrics(self) -> None:
        # Imported here so that other runs without a web UI do not pay for Flask.
        from locust_rs.web.metrics_server import MetricsServer

        options = self._options
        host = "" if options.web_host == "*" else options.web_host
        try:
            server = MetricsServer(
                self._environment, host, options.metrics_port, options.web_login, options.tls_cert, options.tls_key
            )
            server.start()
        except (ValueError, OSError) as error:
            self._refuse(error)

    def _help(self, function: Callable[[], None]) -> None:
        helper: Greenlet[..., None] = gevent.spawn(function)
        helper.link_exception(greenlet_exception_logger(logger))
        self._helpers.append(helper)

    def _end_with(self, runner: Runner) -> None:
        runner.greenlet.join()
        self._stop.asked.set()

    def _run_test(self) -> None:
        try:
            start_when_ready(self._environment, self._options, self._stop.asked.set)
        except GaveUpWaiting:
            self._gave_up = True
            self._stop.asked.set()

    def _watch_children(self) -> None:
        assert self._children is not None
        self._children.wait()
        if not self._stop.asked.is_set():
            logger.error(f"All worker processes have ended (exit code {self._children.worst_exit_code}): stopping")
            self._gave_up = True
            self._stop.asked.set()

    def _finish(self, runner: Runner, outputs: Outputs) -> NoReturn:
        stop = self._stop
        end_users = partial(self._end_users, runner)
        users_stopped = stop.carry_out("Stopping the users", end_users, USERS_WITHIN_S, after_any_signal=True)
        if not users_stopped:
            logger.error("The users did not stop in time: exiting without them")
        stop.carry_out("Keeping the run", self._keeping.wait, FILES_WITHIN_S)
        if self._gave_up:
            self._end_early(1)
        if not self._options.worker:
            self._environment.thresholds.close()
        logger.debug("Running teardowns...")
        quitting = partial(self._environment.events.quitting.fire, environment=self._environment, reverse=True)
        handled = stop.carry_out("A handler of `quitting`", quitting, HANDLERS_WITHIN_S)
        if self._children is not None:
            self._children.terminate(stop.seconds_left(HANDLERS_WITHIN_S, QUIT_WITHIN_S), ask=False)
        if self._view is not None:
            self._view.close()
        gevent.killall(self._helpers)
        carry_out = partial(stop.carry_out, within_s=FILES_WITHIN_S)
        written = self._options.worker or outputs.write_files(carry_out)
        code = exit_code_of(self._environment, self._options, self._keeping.gate)
        announced = code = stop.exit_code = code if users_stopped and handled and written else code or 1
        logger.info(f"Shutting down (exit code {code})")
        printed = self._options.worker or outputs.print_results(carry_out)
        code = stop.exit_code = code if printed else code or 1
        quit_event = partial(self._environment.events.quit.fire, exit_code=code)
        told = stop.carry_out("A handler of `quit`", quit_event, FILES_WITHIN_S)
        code = code if told else code or 1
        if code != announced:
            logger.error(f"Exit code {code}, because of errors during shutdown")
        if not users_stopped:
            end_without_cleanup(code)
        sys.stdout.flush()
        sys.exit(code)

    def _end_users(self, runner: Runner) -> None:
        """Ends the users; a worker that gets SIGTERM, as a pod on scale-down, hands them over before."""
        options = self._options
        if self._stop.signal_name != "SIGTERM" or not runner.is_worker or getattr(options, "forked_by_master", False):
            runner.quit()
            return
        if options.drain_timeout is not None:
            self._environment.stop_timeout = float(options.drain_timeout)
            runner.graceful_stops_hold = False
        runner.leave()  # type: ignore[attr-defined]  # a worker's

    def _refuse(self, error: ValueError | OSError) -> NoReturn:
        logger.error(error.strerror if isinstance(error, OSError) and error.strerror else error)
        self._end_early(1)

    def _end_early(self, code: int) -> NoReturn:
        self._leave()
        sys.exit(code)

    def _leave(self) -> None:
        """Leaves the terminal as it was, and no child running. May be called again."""
        if self._view is not None:
            self._view.close()
        gevent.killall(self._helpers)
        if self._children is not None:
            self._children.terminate()
