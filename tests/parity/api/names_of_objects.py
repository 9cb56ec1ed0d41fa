"""Prints as JSON what the objects are made of that a locustfile, a listener or a plug-in gets hold of.

Run with stock's interpreter and with ours: {object: {public name: kinds}}. The objects are made as a test makes them:
by users that send requests to a server of this process, runners that run, and a web UI that listens. Reads the same
from the standard input, to look for the names in it, since an object need not list those that it makes when they are
asked for.

Arguments: the base path of CSV files, and a free port for a master.
"""

import json
import sys

import gevent
from gevent.pywsgi import WSGIServer

import locust
from locust import FastHttpUser, HttpUser, LoadTestShape, SequentialTaskSet, TaskSet, User, task
from locust.env import Environment
from locust.rpc import Message
from locust.stats import StatsCSVFileWriter

GIVEN = json.load(sys.stdin)
FOUND = {}


def kind(value, name):
    """What an attribute is, in a list of one; nothing if it is not there."""
    try:
        attribute = getattr(value, name)
    except AttributeError:
        return []
    except Exception as error:
        return [type(error).__name__]
    if callable(attribute):
        return ["callable"]
    return [repr(attribute) if isinstance(attribute, bool) or name == "type" else type(attribute).__name__]


def note(what, value):
    """Keeps the kinds of a value's attributes; of several values, the names that all of them have."""
    names = [name for name in GIVEN.get(what) or dir(value) if name[:1] != "_"]
    found = {name: kinds for name in names if (kinds := kind(value, name))}
    if what in FOUND:
        found = {name: sorted({*FOUND[what][name], *kinds}) for name, kinds in found.items() if name in FOUND[what]}
    FOUND[what] = found


STATUSES = {"/away": "302 Found", "/none": "404 Not Found"}


def answer(environ, start_response):
    fields = [("Content-Type", "application/json"), ("Set-Cookie", "a=b"), ("Location", "/")]
    start_response(STATUSES.get(environ["PATH_INFO"], "200 OK"), fields)
    return [b'{"a": 1}']


CALLS = [
    ("get", {}),
    ("post", {"json": {}}),
    ("get", {"headers": {"X-A": "b"}}),
    ("get", {"allow_redirects": False}),
    ("get", {"stream": True}),
]


def fast_client(host):
    class Fast(FastHttpUser):
        pass

    Fast.host = host
    user = Fast(Environment(user_classes=[Fast], host=host))
    note("FastHttpUser", user)
    note("FastHttpSession", user.client)
    note("FastHttpSession.client", user.client.client)
    note("FastHttpSession.cookiejar", user.client.cookiejar)
    for method, options in CALLS:
        response = getattr(user.client, method)("/", **options)
        note("FastResponse", response)
        note("FastRequest", response.request)
        note("FastResponse.headers", response.headers)
    for path in ("/away", "/none"):
        note("FastResponse", user.client.get(path))
    note("FastRequest of a redirect", user.client.get("/away").request)
    with user.client.get("/", catch_response=True) as response:
        note("ResponseContextManager of fasthttp", response)
    with user.rest("GET", "/") as response:
        note("RestResponseContextManager", response)
        note("FastRequest of rest", response.request)
    with user.rest_("GET", "/") as response:
        note("RestResponseContextManager", response)
    refused = user.client.get("http://127.0.0.1:1/")
    note("ErrorResponse", refused)
    note("ErrorResponse.request", refused.request)


def session(host):
    class Plain(HttpUser):
        pass

    Plain.host = host
    user = Plain(Environment(user_classes=[Plain], host=host))
    note("HttpUser", user)
    note("HttpSession", user.client)
    note("HttpSession.cookies", user.client.cookies)
    note("HttpSession.adapters", user.client.get_adapter(host))
    for method, options in CALLS:
        response = getattr(user.client, method)("/", **options)
        for part in ("", "request", "headers", "raw", "cookies", "elapsed", "request.headers"):
            value = response
            for name in part.split("."):
                value = getattr(value, name) if name else value
            note(f"Response.{part}".rstrip("."), value)
        response.close()
    note("Response.history", user.client.get("/away").history[0])
    with user.client.get("/", catch_response=True) as response:
        note("ResponseContextManager", response)
    refused = user.client.get("http://127.0.0.1:1/")
    note("Response of a failure", refused)
    note("Response.error of a failure", refused.error)
    note("Response.request of a failure", refused.request)


def scenario():
    class Steps(SequentialTaskSet):
        @task
        def step(self):
            pass

    class Tasks(TaskSet):
        tasks = [Steps]

    class Person(User):
        tasks = [Tasks]

    user = Person(Environment(user_classes=[Person]))
    note("User", user)
    tasks = Tasks(user)
    note("TaskSet", tasks)
    note("SequentialTaskSet", Steps(tasks))

    class Shape(LoadTestShape):
        def tick(self):
            return None

    note("LoadTestShape", Shape())
    return Person


def nodes(person):
    environment = Environment(user_classes=[person], events=locust.events)
    note("Environment", environment)
    note("Events", environment.events)
    note("EventHook", environment.events.request)
    runner = environment.create_local_runner()
    note("LocalRunner", runner)
    stats = environment.stats
    stats.log_request("GET", "/", 3, 4)
    stats.log_error("GET", "/", "bad")
    note("RequestStats", stats)
    note("StatsEntry", stats.get("GET", "/"))
    note("RequestStats.entries", stats.entries)
    note("RequestStats.errors", stats.errors)
    note("StatsError", next(iter(stats.errors.values())))
    note("StatsCSVFileWriter", StatsCSVFileWriter(environment, [0.5], sys.argv[1]))
    runner.start(1, 1)
    note("UsersDispatcher", runner._users_dispatcher)
    runner.quit()
    port = int(sys.argv[2])
    master = Environment(user_classes=[person]).create_master_runner("127.0.0.1", port)
    note("MasterRunner", master)
    note("MasterRunner.clients", master.clients)
    note("MasterRunner.server", master.server)
    worker = Environment(user_classes=[person]).create_worker_runner("127.0.0.1", port)
    while not master.clients:
        gevent.sleep(0.01)
    note("WorkerRunner", worker)
    note("WorkerRunner.client", worker.client)
    note("WorkerNode", next(iter(master.clients.values())))
    note("Message", Message("a", {}, "b"))
    worker.quit()
    master.quit()


def web(person):
    environment = Environment(user_classes=[person])
    environment.create_local_runner()
    ui = environment.create_web_ui("127.0.0.1", 0)
    note("WebUI", ui)
    FOUND["WebUI.app.view_functions"] = {name: [] for name in ui.app.view_functions}
    FOUND["WebUI.template_args"] = {name: [] for name in ui.template_args or {}}
    ui.update_template_args()
    FOUND["WebUI.template_args after an update"] = {name: [] for name in ui.template_args}
    FOUND["routes"] = {f"{rule} {sorted(rule.methods)}": [] for rule in ui.app.url_map.iter_rules()}
    note("WebUI.stats_csv_writer", ui.stats_csv_writer)
    while not ui.server:
        gevent.sleep(0.01)
    ui.stop()


def main():
    server = WSGIServer(("127.0.0.1", 0), answer, log=None)
    server.start()
    host = f"http://127.0.0.1:{server.server_port}"
    fast_client(host)
    session(host)
    person = scenario()
    nodes(person)
    web(person)
    print(json.dumps(FOUND))


main()
