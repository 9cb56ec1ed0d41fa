"""Environment: one load test with its users, events, statistics, runner and web UI."""

from __future__ import annotations

from collections.abc import Callable
from operator import methodcaller
from typing import TYPE_CHECKING, Any, TypeVar

from locust_rs._reexports import provide_reexports
from locust_rs.argument_parser.parser import secret_values
from locust_rs.dispatch import UsersDispatcher
from locust_rs.event import Events
from locust_rs.evidence import Evidence
from locust_rs.exception import RunnerAlreadyExistsError
from locust_rs.metrics import Metrics
from locust_rs.shape import LoadTestShape
from locust_rs.stats import RequestStats
from locust_rs.thresholds.run import Thresholds
from locust_rs.user.arrivals import ArrivalSettings
from locust_rs.user.paced_starts import PacedStarts
from locust_rs.user.selection import declared_tags, filter_tasks_by_tags
from locust_rs.user.turnstile import Turnstile

if TYPE_CHECKING:
    from argparse import Namespace

    from locust_rs.runners import LocalRunner, MasterRunner, Runner, WorkerRunner
    from locust_rs.stats import StatsCSV
    from locust_rs.user.base import User
    from locust_rs.user.taskset import TaskSet
    from locust_rs.web import WebUI

RunnerType = TypeVar("RunnerType", bound="Runner")


class Environment:
    """One load test and everything it needs.

    The command line creates one per process. Programs that use Locust as a library create their own, and then a
    runner with one of the `create_…` methods.

    Args:
        user_classes: See the attributes of the same name, as for all arguments.

    Raises:
        ValueError: No User class has a positive weight, two have the same name, or `shape_class` is not an instance of
            a LoadTestShape.
    """

    def __init__(
        self,
        *,
        user_classes: list[type[User]] | None = None,
        shape_class: LoadTestShape | None = None,
        tags: list[str] | None = None,
        locustfile: str | None = None,
        exclude_tags: list[str] | None = None,
        events: Events | None = None,
        host: str | None = None,
        reset_stats: bool = False,
        stop_timeout: float | None = None,
        catch_exceptions: bool = True,
        parsed_options: Namespace | None = None,
        parsed_locustfiles: list[str] | None = None,
        available_user_classes: dict[str, User] | None = None,
        available_shape_classes: dict[str, LoadTestShape] | None = None,
        available_user_tasks: dict[str, list[TaskSet | Callable[..., Any]]] | None = None,
        dispatcher_class: type[UsersDispatcher] = UsersDispatcher,
        profile: str | None = None,
    ) -> None:
        self.runner: Runner | None = None
        """The runner; an Environment has at most one in its life."""

        self.web_ui: WebUI | None = None
        """The web UI, once created."""

        self.process_exit_code: int | None = None
        """The exit code of the process; None: the results decide."""

        self.events = events or Events()
        """The events that everything in this test fires."""

        self.locustfile = locustfile
        """File name of the locustfile, without its folder."""

        self.user_classes: list[Any] = user_classes or []
        """The classes whose users the runner runs."""

        self.shape_class = shape_class
        """The load shape that controls the test, or None."""

        self.tags = tags
        """Run only tasks with one of these tags; None: as in `parsed_options`."""

        self.exclude_tags = exclude_tags
        """Run no task with one of these tags; None: as in `parsed_options`."""

        self.metrics = Metrics()
        """Counters, gauges and trends of the test's own; reset with the statistics."""

        self.evidence = Evidence.from_options(parsed_options, lambda: secret_values(self.parsed_options))
        """The first requests and responses of each kind of failure, and the slowest; reset with the statistics."""

        self.stats = RequestStats()
        self.paced_starts = PacedStarts()
        """How many iterations paced users should have begun, and did, on this node."""

        self.thresholds = Thresholds(self)
        """What has to hold in the test; judged on the local or master node."""

        self.turnstile = Turnstile()
        """Lets the iterations of this node's users begin."""

        self.iterations: int | None = getattr(parsed_options, "iteration_limit", None)
        """How many iterations a test has in all, over all users and workers; None: no limit. Read when it starts."""

        self.arrivals = ArrivalSettings.from_options(parsed_options)
        """Rates at which users arrive, and how many may run; changes take effect within a second."""

        self.intended_start: bool = getattr(parsed_options, "intended_start", False)
        """Whether paced users' times from the intended start are kept, in `stats.intended`. Read when a test starts."""

        self.grouped_by: set[str] = {"tag"} if getattr(parsed_options, "stats_by_tag", False) else set()
        """ "class" and "tag", if requests are to be counted by these too, whoever else asks for it. Read when a test
        starts."""

        self.run_time_from_ramp_end: bool = getattr(parsed_options, "run_time_from_ramp_end", False)
        """Whether the run time is counted from the end of the ramp."""

        self.host = host
        """Base URL of the system under test; overwrites that of the User classes."""

        self.reset_stats = reset_stats
        """Whether the statistics are reset once all users have been spawned."""

        self.profile = profile
        """A name for the run, to group runs by."""

        self.stop_timeout = _seconds(stop_timeout, parsed_options)
        """Seconds that running tasks get to finish when the test stops."""

        self.catch_exceptions = catch_exceptions
        """Whether exceptions of tasks are logged and counted (True) or raised (False)."""

        self.parsed_options = parsed_options
        """The parsed command line; None if Locust is used as a library."""

        self.parsed_locustfiles = parsed_locustfiles
        """All locustfiles of the test."""

        self.available_user_classes = available_user_classes
        """The User classes to pick from in the web UI, by name."""

        self.available_shape_classes = available_shape_classes
        """The shapes to pick from in the web UI, by name."""

        self.available_user_tasks = available_user_tasks
        """The tasks to pick from in the web UI, by name of the User class."""

        self.dispatcher_class = dispatcher_class
        """The class that decides how many users of each class each worker runs."""

        self.worker_logs: dict[str, list[str]] = {}
        """The last log lines of each worker, by worker id."""

        self._remove_user_classes_with_weight_zero()
        self._validate_user_class_name_uniqueness()
        self._validate_shape_class_instance()

    def _create_runner(self, runner_class: Callable[..., RunnerType], *args: Any, **kwargs: Any) -> RunnerType:
        """Creates the runner and gives it to the shape.

        Raises:
            RunnerAlreadyExistsError: There is one already.
        """
        if self.runner is not None:
            raise RunnerAlreadyExistsError(f"Environment.runner already exists ({self.runner})")
        runner = runner_class(self, *args, **kwargs)
        self.runner = runner
        if self.shape_class:
            self.shape_class.runner = runner
        return runner

    @property
    def stats(self) -> RequestStats:
        """The statistics. Others may be assigned; requests are then counted there."""
        return self._stats

    @stats.setter
    def stats(self, value: RequestStats) -> None:
        handlers, known = self.events.request._handlers, self.__dict__.get("_stats")
        self._stats = value
        value.reset_too += [self.metrics.reset, self._reset_evidence]
        value.recorder.evidence = self.evidence
        if known is not None and known.recorder in handlers:
            value.health = known.health
            handlers[handlers.index(known.recorder)] = value.recorder

    def _reset_evidence(self) -> None:
        self.evidence.reset()
        # Being told again, the recorder looks for the slowest requests from the beginning.
        self.stats.recorder.evidence = self.evidence

    def create_local_runner(self) -> LocalRunner:
        """Creates the runner of a test that runs in this process.

        Raises:
            RunnerAlreadyExistsError: There is a runner already.
            ValueError: No User class has a positive weight.
        """
        from locust_rs.runners import LocalRunner

        self._remove_user_classes_with_weight_zero()
        return self._create_runner(LocalRunner)

    def create_master_runner(self, master_bind_host: str = "*", master_bind_port: int = 5557) -> MasterRunner:
        """Creates the runner of a test that runs on workers.

        Args:
            master_bind_host: Interface to listen on for workers; "*" means all of them.
            master_bind_port: Port to listen on.

        Raises:
            RunnerAlreadyExistsError: There is a runner already.
            ValueError: No User class has a positive weight.
        """
        from locust_rs.runners import MasterRunner

        self._remove_user_classes_with_weight_zero()
        return self._create_runner(MasterRunner, master_bind_host=master_bind_host, master_bind_port=master_bind_port)

    def create_worker_runner(self, master_host: str, master_port: int) -> WorkerRunner:
        """Creates the runner of a worker.

        Args:
            master_host: Host of a running master.
            master_port: Its port.

        Raises:
            RunnerAlreadyExistsError: There is a runner already.
        """
        from locust_rs.runners import WorkerRunner

        # A worker only counts from report to report, and needs no percentiles of the last seconds.
        self.stats = RequestStats(use_response_times_cache=False)
        return self._create_runner(WorkerRunner, master_host=master_host, master_port=master_port)

    def create_web_ui(
        self,
        host: str = "",
        port: int = 8089,
        web_base_path: str | None = None,
        web_login: bool = False,
        tls_cert: str | None = None,
        tls_key: str | None = None,
        stats_csv_writer: StatsCSV | None = None,
        delayed_start: bool = False,
        userclass_picker_is_active: bool = False,
        build_path: str | None = None,
    ) -> WebUI:
        """Creates the web UI and starts its server.

        Args:
            host: Interface to listen on; "" means all of them.
            port: Port to listen on.
            web_base_path: Path under which the UI is served, for example behind a proxy.
            web_login: Protect it with a login page.
            tls_cert: Path of a certificate, to serve over HTTPS.
            tls_key: Path of its private key.
            stats_csv_writer: Writes the CSV files that the UI offers.
            delayed_start: Do not start the server until `web_ui.start()` is called, so that routes can be added
                before.
            userclass_picker_is_active: Show the class picker.
            build_path: Folder of a custom build of the UI.
        """
        from locust_rs.web import WebUI

        self.web_ui = WebUI(
            self,
            host,
            port,
            web_base_path=web_base_path,
            web_login=web_login,
            tls_cert=tls_cert,
            tls_key=tls_key,
            stats_csv_writer=stats_csv_writer,
            delayed_start=delayed_start,
            userclass_picker_is_active=userclass_picker_is_active,
            build_path=build_path,
        )
        return self.web_ui

    def update_user_class(self, user_settings: dict[str, Any]) -> None:
        """Changes attributes of an available User class.

        Args:
            user_settings: The class as `user_class_name`, and any of its attributes; `tasks` are names of
                available tasks, in the order of declaration.

        Raises:
            KeyError: No such class is available.
        """
        name = user_settings.get("user_class_name")
        available = self.available_user_classes or {}
        if name not in available:
            raise KeyError(name)
        user_class: Any = available[name]
        for attribute, value in user_settings.items():
            if attribute == "user_class_name":
                continue
            if attribute == "tasks":
                wanted = [value] if isinstance(value, str) else value
                declared = (self.available_user_tasks or {}).get(name, [])
                value = [task for task in declared if getattr(task, "__name__", None) in wanted]
            setattr(user_class, attribute, value)

    def update_worker_logs(self, worker_log_report: dict[str, Any]) -> None:
        """Stores the log lines that a worker sent, in place of its previous ones."""
        worker_id = worker_log_report.get("worker_id")
        if worker_id:
            self.worker_logs[worker_id] = worker_log_report.get("logs", [])

    @property
    def group_names(self) -> dict[str, set[str]]:
        """The names of all User classes, as "class", and the tags of all their tasks, as "tag"."""
        classes = [*self.user_classes, *(self.available_user_classes or {}).values()]
        return {"class": {one.__name__ for one in classes}, "tag": declared_tags(classes)}

    def _filter_tasks_by_tags(self) -> None:
        """Reduces the User classes to the tasks that the tags select; called when a test starts."""
        options = self.parsed_options
        tags = getattr(options, "tags", None) if self.tags is None else self.tags
        exclude_tags = getattr(options, "exclude_tags", None) if self.exclude_tags is None else self.exclude_tags
        for user_class in self.user_classes:
            filter_tasks_by_tags(user_class, set(tags) if tags else None, set(exclude_tags) if exclude_tags else None)

    def _remove_user_classes_with_weight_zero(self) -> None:
        """Removes the classes of which no user would be spawned.

        Raises:
            ValueError: A weight or fixed count is negative, or nothing is left.
        """
        if not self.user_classes:
            return
        for user_class in self.user_classes:
            for attribute in ("weight", "fixed_count"):
                value = getattr(user_class, attribute)
                if value < 0:
                    raise ValueError(
                        f"{user_class.__name__}.{attribute} is {value}: there are no users with weight > 0 "
                        f"to be had from it. Set it to 0 to leave the class out, or to a positive number."
                    )
        kept = [cls for cls in self.user_classes if cls.weight > 0 or cls.fixed_count > 0]
        if not kept:
            raise ValueError("There are no users with weight > 0.")
        self.user_classes[:] = kept

    def assign_equal_weights(self) -> None:
        """Gives every class the weight 1, and every task the same chance, including those of nested TaskSets."""
        for user_class in self.user_classes:
            user_class.weight = 1
            user_class.tasks = list(dict.fromkeys(_flattened(user_class.tasks)))

    def _validate_user_class_name_uniqueness(self) -> None:
        seen: dict[str, Any] = {}
        for user_class in self.user_classes:
            earlier = seen.setdefault(user_class.__name__, user_class)
            if earlier is not user_class or self.user_classes.count(user_class) > 1:
                same = [cls for cls in self.user_classes if cls.__name__ == user_class.__name__]
                names = ", ".join(map(methodcaller("fullname"), same))
                raise ValueError(f"The following user classes have the same class name: {names}")

    def _validate_shape_class_instance(self) -> None:
        if self.shape_class is not None and not isinstance(self.shape_class, LoadTestShape):
            raise ValueError(
                "shape_class should be instance of LoadTestShape or subclass LoadTestShape, "
                f"but got: {self.shape_class}"
            )

    @property
    def user_classes_by_name(self) -> dict[str, type[User]]:
        """The User classes by their names."""
        return {cls.__name__: cls for cls in self.user_classes}


def _seconds(stop_timeout: float | None, parsed_options: Namespace | None) -> float:
    if stop_timeout is not None:
        return stop_timeout
    return float(getattr(parsed_options, "stop_timeout", 0.0) or 0.0)


def _flattened(tasks: list[Any]) -> list[Any]:
    return [inner for task in tasks for inner in (_flattened(task.tasks) if hasattr(task, "tasks") else [task])]


provide_reexports(__name__)
