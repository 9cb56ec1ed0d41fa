"""The forms in which people call the clients, one a run: the environment variable FORM names it."""

import os

from requests.adapters import HTTPAdapter
from requests.auth import AuthBase, HTTPDigestAuth
from urllib3 import PoolManager
from urllib3.util import Retry

from locust import FastHttpUser, HttpUser, events, task

TOKEN = {"Authorization": "Bearer 0123456789abcdef"}
BODY = {"name": "kettle", "quantity": 3, "tags": ["a", "b"]}


class Signature(AuthBase):
    def __call__(self, request):
        request.headers["X-Signature"] = "0123456789abcdef"
        return request


def look(response, **_settings):
    assert response.status_code == 200


def checked(client, call):
    with call(catch_response=True) as response:
        if response.status_code != 200:
            response.failure("wrong status")


def read_lines(client):
    for _line in client.get("/1k", stream=True).iter_lines():
        pass


def read_pieces(client):
    for _piece in client.get("/1k", stream=True).iter_content(512):
        pass


def rest(user):
    with user.rest("GET", "/json") as response:
        assert response.js["status"] == "ok"


DIGEST = HTTPDigestAuth("user", "password")

HTTP = {
    "plain": lambda c: c.get("/"),
    "header": lambda c: c.get("/", headers={"X-Tenant": "one"}),
    "bearer": lambda c: c.get("/", headers=TOKEN),
    "session_bearer": lambda c: c.get("/"),
    "verify": lambda c: c.get("/", verify=False),
    "name": lambda c: c.get("/", name="front page"),
    "timeout": lambda c: c.get("/", timeout=10),
    "text": lambda c: c.get("/").text,
    "catch": lambda c: checked(c, lambda **own: c.get("/", **own)),
    "catch_json": lambda c: checked(c, lambda **own: c.post("/json", json=BODY, **own)),
    "json": lambda c: c.post("/json", json=BODY, headers=TOKEN, name="post"),
    "params": lambda c: c.get("/", params={"page": 2, "size": "20"}),
    "session_params": lambda c: c.get("/"),
    "stream_lines": read_lines,
    "stream_pieces": read_pieces,
    "hook": lambda c: c.get("/", hooks={"response": look}),
    "auth": lambda c: c.get("/", auth=("user", "password")),
    "own_auth": lambda c: c.get("/", auth=Signature()),
    "digest": lambda c: c.get("/", auth=DIGEST),
    "adapter": lambda c: c.get("/"),
    "retry": lambda c: c.get("/"),
    "pool_manager": lambda c: c.get("/"),
    "trust_env": lambda c: c.get("/"),
    "proxies": lambda c: c.get("/", proxies={}),
    "host": lambda c: c.get("/", headers={"Host": "shop.example"}),
    "listener": lambda c: c.get("/"),
}

FAST = {
    "plain": lambda u: u.client.get("/"),
    "bearer": lambda u: u.client.get("/", headers=TOKEN),
    "name": lambda u: u.client.get("/", name="front page"),
    "text": lambda u: u.client.get("/").text,
    "listener": lambda u: u.client.get("/"),
    "catch": lambda u: checked(u.client, lambda **own: u.client.get("/", **own)),
    "json": lambda u: u.client.post("/json", json=BODY),
    "params": lambda u: u.client.get("/", params={"page": 2, "size": "20"}),
    "rest": rest,
    "stream": lambda u: u.client.get("/1k", stream=True).content,
}

KIND, _, FORM = os.environ.get("FORM", "http:plain").partition(":")


def prepare(client):
    if FORM == "session_bearer":
        client.headers.update(TOKEN)
    elif FORM == "session_params":
        client.params = {"page": 2}
    elif FORM == "adapter":
        client.mount("http://", HTTPAdapter(pool_connections=1, pool_maxsize=1))
    elif FORM == "retry":
        client.mount("http://", HTTPAdapter(max_retries=Retry(3, status_forcelist=[502, 503])))
    elif FORM == "trust_env":
        client.trust_env = True


if FORM == "listener":

    @events.request.add_listener
    def on_request(name, response_time, exception, **_other):
        assert exception is None


if KIND == "http":

    class Bench(HttpUser):
        pool_manager = PoolManager(maxsize=100) if FORM == "pool_manager" else None

        def on_start(self):
            prepare(self.client)

        @task
        def call(self):
            HTTP[FORM](self.client)

else:

    class Bench(FastHttpUser):
        @task
        def call(self):
            FAST[FORM](self)
