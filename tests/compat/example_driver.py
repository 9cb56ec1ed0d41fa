"""Runs one example of Locust's documentation, unchanged, in a process of its own.

Its one argument is a JSON object:
    path: the file; script: run it like a program, instead of loading it as a locustfile
    arguments: the command line; host, users
    what is awaited before the test is stopped, beside the end of the ramp:
        names: these requests ("GET /path"), as often as each is in the list
        printed: these texts on the standard output; state: of the runner
        linger: so many seconds more, for what must not happen
    redirect: {"host:port": port}, where on the loopback interface a server of the example is to be found
    authorities: a file with certificate authorities to trust
    web_port: start the web UI there; pages: fetch these pages of it
Its last line of output is a JSON object about the run.
"""

from __future__ import annotations

import io
import json
import os
import runpy
import socketserver
import sys
import time
from collections import Counter
from typing import IO, Any

LONGEST_RUN_S = 60


class Tee(io.TextIOBase):
    """The standard output, which keeps what was written."""

    def __init__(self, output: IO[str]) -> None:
        self._output = output
        self.text = ""

    def write(self, text: str) -> int:
        self.text += text
        return self._output.write(text)

    def flush(self) -> None:
        self._output.flush()


def redirect(table: dict[str, int], authorities: str | None) -> None:
    """Redirects connections to other hosts, and to the fixed ports of the examples, to the test's own servers."""
    from gevent import get_hub

    if authorities:
        import certifi

        certifi.where = lambda: authorities
        os.environ["SSL_CERT_FILE"] = authorities

    resolver = get_hub().resolver

    class Redirecting:
        def __getattr__(self, name: str) -> Any:
            return getattr(resolver, name)

        def getaddrinfo(self, host: Any, port: Any, *args: Any, **kwargs: Any) -> Any:
            name = host.decode() if isinstance(host, bytes) else host
            there = table.get(f"{name}:{port}")
            if there is not None:
                return resolver.getaddrinfo("127.0.0.1", there, *args, **kwargs)
            assert name in (None, "", "127.0.0.1", "localhost", "0.0.0.0", "*"), f"{name} is another machine"
            return resolver.getaddrinfo(host, port, *args, **kwargs)

    get_hub().resolver = Redirecting()

    bind = socketserver.TCPServer.server_bind

    def bind_elsewhere(self: Any) -> None:
        host, port = self.server_address
        self.server_address = ("127.0.0.1", table.get(f"{host}:{port}", port))
        bind(self)

    socketserver.TCPServer.server_bind = bind_elsewhere  # type: ignore[method-assign]


def hurry(web_port: int | None) -> None:
    """Removes fixed ports from examples that are programs; what they do later, they do after their first request."""
    import gevent
    from gevent.event import Event

    import locust
    from locust_rs.env import Environment

    asked = Event()
    locust.events.request.add_listener(lambda **_kwargs: asked.set())

    def after_a_request(_seconds: float, function: Any, *args: Any) -> Any:
        return gevent.spawn(lambda: asked.wait() and function(*args))

    gevent.spawn_later = after_a_request
    create_web_ui = Environment.create_web_ui
    if web_port is not None:
        Environment.create_web_ui = lambda self, host="127.0.0.1", port=0, **kwargs: create_web_ui(  # type: ignore[method-assign]
            self, "127.0.0.1", web_port, **kwargs
        )


def run_locustfile(config: dict[str, Any]) -> dict[str, Any]:
    """Runs a locustfile like the command line, until the awaited requests were made."""
    import gevent

    import locust
    from locust import argument_parser
    from locust.env import Environment
    from locust.util.load_locustfile import load_locustfile, load_locustfile_pytest

    user_classes, shapes = load_locustfile(config["path"])
    if not user_classes:
        user_classes = load_locustfile_pytest(config["path"])
    options = argument_parser.parse_options(args=config.get("arguments", []))
    environment = Environment(
        user_classes=list(user_classes.values()),
        shape_class=shapes[0] if shapes else None,
        events=locust.events,
        host=config.get("host"),
        parsed_options=options,
    )
    seen: Counter[str] = Counter()
    ramps: list[int] = []

    @environment.events.request.add_listener
    def count(request_type: str, name: str, **kwargs: Any) -> None:
        seen[f"{request_type} {name}"] += 1

    @environment.events.spawning_complete.add_listener
    def note_ramp(user_count: int, **kwargs: Any) -> None:
        ramps.append(user_count)

    runner = environment.create_local_runner()
    awaited = Counter(config.get("names", []))

    def is_enough() -> bool:
        return (
            (bool(ramps) or not user_classes or runner.state == "stopped")
            and seen >= awaited
            and all(text in sys.stdout.text for text in config.get("printed", []))  # type: ignore[attr-defined]
            and config.get("state") in (None, runner.state)
        )

    web_ui = None
    pages = {}
    if config.get("web_port"):
        web_ui = environment.create_web_ui("127.0.0.1", config["web_port"])
    environment.events.init.fire(environment=environment, runner=runner, web_ui=web_ui)
    if config.get("pages"):
        import requests
        from requests.adapters import HTTPAdapter, Retry

        session = requests.Session()
        session.mount("http://", HTTPAdapter(max_retries=Retry(connect=10, backoff_factor=0.1)))
        for page in config["pages"]:
            pages[page] = session.get(f"http://127.0.0.1:{config['web_port']}{page}").text
    if shapes:
        runner.start_shape()
    elif user_classes:
        runner.start(config.get("users", 20), spawn_rate=1000)

    deadline = time.monotonic() + LONGEST_RUN_S
    while time.monotonic() < deadline and not is_enough():
        gevent.sleep(0.02)
    gevent.sleep(config.get("linger", 0))
    state_before_stop = runner.state
    runner.stop()
    environment.events.quitting.fire(environment=environment, reverse=True)
    runner.quit()
    return {
        "requests": {f"{e.method} {e.name}": e.num_requests for e in environment.stats.entries.values()},
        "failures": {f"{e.method} {e.name}": e.error for e in environment.stats.errors.values()},
        "exceptions": [entry["msg"] for entry in runner.exceptions.values()],
        "state": state_before_stop,
        "exit_code": environment.process_exit_code,
        "tasks": {cls.__name__: [t.__name__ for t in cls.tasks] for cls in environment.user_classes},
        "pages": pages,
        "template_args": getattr(web_ui, "template_args", {}).get("all_profiles"),
    }


def main() -> None:
    config = json.loads(sys.argv[1])
    import locust_rs  # noqa: F401  # patches the standard library

    redirect(config.get("redirect", {}), config.get("authorities"))
    if config.get("script"):
        hurry(config.get("web_port"))
        sys.argv = [config["path"]]
        runpy.run_path(config["path"], run_name="__main__")
    else:
        sys.stdout = Tee(sys.stdout)  # type: ignore[assignment]
        result = run_locustfile(config)
        print("\n" + json.dumps(result, default=str))
    sys.stdout.flush()
    # Greenlets of the examples may run forever.
    os._exit(0)


main()
