"""Runs `locust`, from the command line to the exit code. Checks and logs in the same order as Locust."""

from __future__ import annotations

import importlib
import importlib.util
import logging
import os
import signal
import sys
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from locust_rs._version import __version__
from locust_rs.argument_parser import (
    get_locustfiles_locally,
    parse_locustfile_option,
    parse_options,
    retrieve_locustfiles_from_master,
)
from locust_rs.cli import eras
from locust_rs.cli.last_line import tell_of_exit
from locust_rs.cli.locustfiles import merge_locustfiles_content
from locust_rs.cli.shutdown import HANDLERS_WITHIN_S, Interrupted, Stop
from locust_rs.event import default as process_wide
from locust_rs.exception import ConfigurationError
from locust_rs.log import setup_logging
from locust_rs.main import COMMON_OPTIONS, create_environment
from locust_rs_installation import stock_under_ours

if TYPE_CHECKING:
    from locust_rs.cli.locustfiles import Merged
    from locust_rs.cli.processes import Children
    from locust_rs.env import Environment

logger = logging.getLogger("locust.main")

_ENDED_BY_SIGTERM = 128 + signal.SIGTERM


def launch() -> NoReturn:
    """Carries out the process's command line and ends the process."""
    try:
        _run()
    except ConfigurationError as error:
        fail(str(error))
    except SystemExit as ending:
        tell_of_exit(ending)
        raise


def _run() -> NoReturn:
    stop = Stop()
    stop.install()
    # Locustfiles import modules from the working directory.
    sys.path.insert(0, os.getcwd())
    if importlib.util.find_spec("locust_plugins") is not None:
        importlib.import_module("locust_plugins")
    locustfiles = _find_locustfiles()
    old_files = eras.prepare(locustfiles)
    merged = merge_locustfiles_content(locustfiles)
    eras.prepare_command_line(sys.argv[1:], old_files)
    options = parse_options()
    _prepare_options(options)
    _set_up_logging(options)
    _announce(options)
    if options.list_commands:
        sys.stdout.write("Available Users:\n" + "".join(f"    {name}\n" for name in merged[0]))
        sys.exit(0)
    user_classes = _chosen_classes(merged[0], options.user_classes)
    _check_modes(options)
    environment = _make_environment(merged, user_classes, options, locustfiles)
    _show_task_ratio(user_classes, options)

    from locust_rs.cli.limits import raise_open_file_limit

    raise_open_file_limit()
    children: Children | None = None
    if options.processes:
        from locust_rs.cli import processes

        only_workers = options.worker
        children = processes.fork_workers(options)
        if children is not None and only_workers:
            _mind_children(children, stop, _longest_stop_s(user_classes, options))
        if options.otel:
            _instrument(options)
        if children is not None:
            options.master = True
            options.expect_workers = len(children.exit_codes)
    from locust_rs.cli.session import Session

    try:
        Session(environment, options, stop, children).run()
    except KeyboardInterrupt:
        # A handler of `init` or `quitting` blocked the event loop and was interrupted.
        raise Interrupted(signal.Signals[stop.signal_name or "SIGINT"]) from None


def _find_locustfiles() -> list[str]:
    options = parse_locustfile_option()
    if options.help or options.version:
        sys.exit(0)
    if options.locustfile == "-" and options.worker:
        return retrieve_locustfiles_from_master(options)
    return get_locustfiles_locally(options)


def _prepare_options(options: Namespace) -> None:
    if options.headful:
        options.headless = False
    if options.autoquit != -1 and not options.autostart:
        fail("--autoquit is only meaningful in combination with --autostart")
    if options.html_file:
        from locust_rs.html import process_html_filename

        process_html_filename(options)
    if not options.worker:
        from locust_rs.cli.reports import prepare_folders

        problem = prepare_folders(options)
        if problem:
            fail(problem)


def fail(message: str, code: int = 1) -> NoReturn:
    """Prints a message, before logging is set up, and ends the process."""
    sys.stderr.write(message + "\n")
    sys.exit(code)


def _set_up_logging(options: Namespace) -> None:
    if options.skip_log_setup:
        return
    try:
        setup_logging(options.loglevel, options.logfile)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else error.__cause__ or error
        fail(f"Can't log to --logfile {options.logfile}: {reason}")


def _announce(options: Namespace) -> None:
    # Exporters have threads, which do not survive a fork.
    instrumented = options.otel and (options.processes or _instrument(options))
    logger.info(f"Starting Locust {__version__}{', OpenTelemetry enabled' if instrumented else ''}")
    if stock := stock_under_ours():
        logger.warning(f"{stock} Until then, uninstalling one of them breaks the other")


def _instrument(options: Namespace) -> bool:
    from locust_rs.opentelemetry import setup_opentelemetry

    return setup_opentelemetry(options.locustfile, options.profile)


def _chosen_classes(available: dict[str, Any], names: list[str]) -> list[Any]:
    if not available:
        logger.error("No User class found!")
        sys.exit(1)
    unknown = [name for name in names if name not in available]
    if unknown:
        logger.error(f"Unknown User(s): {', '.join(unknown)}")
        logger.info(f"Available User(s): {', '.join(available)}")
        sys.exit(1)
    return [available[name] for name in names] if names else list(available.values())


def _check_modes(options: Namespace) -> None:
    if options.master and options.worker:
        logger.error("The --master argument cannot be combined with --worker")
        sys.exit(-1)
    if options.master and options.processes:
        fail("--master cannot be combined with --processes: the parent of the workers is the master without it.")
    if options.headless and options.autostart:
        logger.info("The --autostart argument is implied by --headless, no need to set both.")


def _make_environment(
    merged: Merged, user_classes: list[Any], options: Namespace, locustfiles: list[str]
) -> Environment:
    available_users, available_shapes, available_tasks, shape = merged
    try:
        environment = create_environment(
            user_classes,
            options,
            events=process_wide.events,
            shape_class=shape,
            locustfile=Path(locustfiles[0]).name,
            parsed_locustfiles=locustfiles,
            available_user_classes=available_users,
            available_shape_classes=available_shapes,
            available_user_tasks=available_tasks,
        )
    except ValueError as error:
        logger.error(error)
        sys.exit(1)
    for settings in (one for several in options.config_users or [] for one in several):
        try:
            environment.update_user_class(settings)
        except Exception as error:
            logger.error(
                "Error applying user config, probably you tried to specify config for a User not present in your "
                f"locustfile: {error}"
            )
            sys.exit(-1)
    if not options.worker:
        environment.thresholds.add_declared()
        environment.thresholds.add(*options.thresholds or ())
        environment.thresholds.check_groups()
    if options.equal_weights:
        environment.assign_equal_weights()
    _warn_of_ignored_options(shape, options)
    _warn_of_fixed_counts(user_classes, options)
    return environment


def _warn_of_ignored_options(shape: Any, options: Namespace) -> None:
    if shape is None or shape.use_common_options:
        return
    ignored = [f"--{option}" for name, option in COMMON_OPTIONS.items() if getattr(options, name) is not None]
    if ignored:
        logger.warning(
            "--run-time, --users or --spawn-rate have no impact on LoadShapes unless the shape class explicitly "
            "reads them. See: docs.locust.io/en/stable/custom-load-shape.html#use-common-options"
        )
        logger.warning(f"The following option(s) will be ignored: {', '.join(ignored)}")


def _warn_of_fixed_counts(user_classes: list[Any], options: Namespace) -> None:
    fixed = sum(user_class.fixed_count for user_class in user_classes)
    if options.num_users is not None and fixed > options.num_users:
        logger.info(
            f"Total fixed_count of User classes ({fixed}) is greater than the specified number of users "
            f"({options.num_users}), so not all will be spawned."
        )


def _show_task_ratio(user_classes: list[Any], options: Namespace) -> None:
    if not (options.show_task_ratio or options.show_task_ratio_json):
        return
    from locust_rs.user.inspectuser import print_task_ratio, print_task_ratio_json

    if options.show_task_ratio:
        for title, total in (("Task ratio per User class", False), ("Total task ratio", True)):
            sys.stdout.write(f"\n {title}\n{'-' * 80}\n")
            print_task_ratio(user_classes, options.num_users, total)
    else:
        print_task_ratio_json(user_classes, options.num_users)
    sys.exit(0)


def _longest_stop_s(user_classes: list[Any], options: Namespace) -> float:
    """How long the users of workers may take to end."""
    if options.drain_timeout:
        return float(options.drain_timeout)
    from locust_rs.runners.users.graceful import longest_for

    return longest_for(user_classes, float(options.stop_timeout or 0))


def _mind_children(children: Children, stop: Stop, stop_timeout_s: float) -> NoReturn:
    """Waits for the children, as the parent of `--worker --processes`, which runs no users itself."""
    import gevent

    from locust_rs.cli.processes import QUIT_WITHIN_S

    stop.begin_run(lambda: 0.0)
    waiting = gevent.spawn(children.wait)
    waiting.link(lambda _: stop.asked.set())
    stop.wait()
    children.terminate(stop.seconds_left(HANDLERS_WITHIN_S, stop_timeout_s + QUIT_WITHIN_S))
    code = children.worst_exit_code
    if code == _ENDED_BY_SIGTERM and stop.signal_name is not None:
        # Children without a master end by the SIGTERM that passes this process's own signal on.
        code = 128 + signal.Signals[stop.signal_name]
    logger.info(f"All worker processes have ended: shutting down (exit code {code})")
    sys.exit(code)
