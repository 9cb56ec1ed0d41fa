"""`run_single_user`: runs one user without command line and runner, for debuggers."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from locust_rs import argument_parser
from locust_rs._reexports import provide_reexports
from locust_rs.env import Environment
from locust_rs.event import default
from locust_rs.log import setup_logging

if TYPE_CHECKING:
    from locust_rs.user import User

_env: Environment | None = None
"""The Environment of the first `run_single_user`; later calls in the same process reuse it."""

_listener: PrintListener | None = None


class PrintListener:
    """Prints one line per request: type, name, response time, exception, and the optional columns.

    Args:
        env: The Environment whose requests are printed.
        include_length: Print the response's length in bytes.
        include_time: Print when the request was made.
        include_context: Print the request's context.
        include_payload: Print what was sent as the request's body.
    """

    def __init__(
        self,
        env: Environment,
        include_length: bool = False,
        include_time: bool = False,
        include_context: bool = False,
        include_payload: bool = False,
    ) -> None:
        self.include_length = include_length
        self.include_time = include_time
        self.include_context = include_context
        self.include_payload = include_payload
        env.events.request.add_listener(self.on_request)

        columns = ["type", f"{'name':50}", "resp_ms"]
        if include_time:
            columns.insert(0, f"{'time':24}")
        if include_length:
            columns.append("length")
        columns.append("exception")
        if include_context:
            columns.append("context")
        columns.append("")
        columns += ["payload", ""] if include_payload else [""]
        sys.stdout.write("\n" + "\t".join(columns) + "\n")

    def on_request(
        self,
        request_type: str,
        name: str,
        response_time: float | None,
        response_length: int | None,
        exception: BaseException | None,
        context: dict[str, Any] | None,
        start_time: float | None = None,
        response: Any = None,
        **_kwargs: Any,
    ) -> None:
        """Prints a request."""
        milliseconds = -1 if response_time is None else round(response_time)
        columns = [request_type, f"{name:50}", f"{milliseconds:<7}"]
        if self.include_time:
            columns.insert(0, _time_of(start_time))
        if self.include_length:
            columns.append(str(response_length))
        columns.append(f"{'' if exception is None else repr(_cause_of(exception)):9}")
        if self.include_context:
            columns.append(str(context or ""))
        if self.include_payload:
            columns.append(str(_payload_of(response)))
        # One write: the lines of concurrent requests do not mix.
        sys.stdout.write("\t".join(columns) + "\t\n")
        sys.stdout.flush()


def _time_of(start_time: float | None) -> str:
    return str(datetime.now(UTC) if start_time is None else datetime.fromtimestamp(start_time, UTC))


def _cause_of(exception: BaseException) -> BaseException:
    """The innermost cause of an exception: HTTP libraries wrap a refused connection several times."""
    inner: Any = exception
    while True:
        first_argument = inner.args[0] if inner.args else None
        deeper = next(
            (
                candidate
                for candidate in (getattr(inner, "reason", None), first_argument, inner.__cause__)
                if isinstance(candidate, BaseException)
            ),
            None,
        )
        if deeper is None:
            return inner  # type: ignore[no-any-return]
        inner = deeper


def _payload_of(response: Any) -> Any:
    """The body of the request that led to a response of any client; "" if there is none."""
    request = getattr(response, "request", None) or getattr(response, "_request", None)
    for attribute in ("body", "payload"):
        payload = getattr(request, attribute, None)
        if payload is not None:
            return payload
    return ""


def _print_t(s: Any) -> None:
    """Prints a value and a tab."""
    sys.stdout.write(f"{s}\t")


def run_single_user(
    user_class: type[User],
    include_length: bool = False,
    include_time: bool = False,
    include_context: bool = False,
    include_payload: bool = False,
    loglevel: str | None = "WARNING",
) -> None:
    """Runs one user until it stops, and prints its requests; meant for debuggers.

    The first call in a process creates an Environment from the command line, the environment variables and the
    configuration files, and fires `init`; each call fires `test_start`. Neither `test_stop` nor `quit` is fired. The
    user is `environment.single_user_instance`.

    Args:
        user_class: The User class.
        include_length: Print each response's length in bytes.
        include_time: Print when each request was made.
        include_context: Print each request's context.
        include_payload: Print the body of each request.
        loglevel: Set up logging with this level; None leaves logging alone.
    """
    global _env, _listener

    if loglevel:
        setup_logging(loglevel)
    first = _env is None
    if _env is None:
        _env = _environment_of_the_process(user_class)
    environment = _env
    if environment.host:
        user_class.host = environment.host

    flags = (include_length, include_time, include_context, include_payload)
    if _listener is None or _flags_of(_listener) != flags:
        if _listener is not None:
            environment.events.request.remove_listener(_listener.on_request)
        _listener = PrintListener(environment, *flags)
    if first:
        environment.events.init.fire(environment=environment, runner=None, web_ui=None)

    environment.user_classes = [user_class]
    environment._filter_tasks_by_tags()
    environment.events.test_start.fire(environment=environment)

    user = user_class(environment)
    environment.single_user_instance = user  # type: ignore[attr-defined]  # where debuggers look for it
    user.run()


def _environment_of_the_process(user_class: type[User]) -> Environment:
    options = argument_parser.parse_options()
    file = getattr(sys.modules.get(user_class.__module__), "__file__", None)
    options.locustfile = Path(file).name if file else user_class.__module__
    return Environment(
        events=default.events,
        locustfile=options.locustfile,
        host=options.host,
        reset_stats=options.reset_stats,
        profile=options.profile,
        parsed_options=options,
    )


def _flags_of(listener: PrintListener) -> tuple[bool, bool, bool, bool]:
    return (
        listener.include_length,
        listener.include_time,
        listener.include_context,
        listener.include_payload,
    )


provide_reexports(__name__)
