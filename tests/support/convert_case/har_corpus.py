"""Recordings."""

from __future__ import annotations

import json

from convert_case.cases import OTHER, SITE, Case, Sent, entry, har
from convert_case.server import Answer

UUID = "0b9f8e6c-3d1a-4a77-9c52-6f0f4f1f7d11"
TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJ1Ijo3fQ.k3Xq9Zr_T-w"
MULTIPART = (
    '--XX\r\nContent-Disposition: form-data; name="title"\r\n\r\nA "cat"\r\n'
    '--XX\r\nContent-Disposition: form-data; name="file"; filename="cat.txt"\r\n'
    "Content-Type: text/plain\r\n\r\nmeow\r\n"
    "--XX--\r\n"
)
QUERY = """\
query Orders($n: Int) {
  orders(first: $n) {
    id
    total
    customer { name }
  }
}"""
BROWSER_HEADERS = {
    "Accept": "*/*",
    "Accept-Encoding": "gzip, br",
    "Accept-Language": "de",
    "User-Agent": "Mozilla/5.0",
    "Referer": f"{SITE}/",
    "Origin": SITE,
    "sec-ch-ua": '"Chromium";v="156"',
    "Sec-Fetch-Mode": "cors",
    "If-None-Match": '"abc"',
    "X-Requested-With": "XMLHttpRequest",
}

CASES = [
    Case(
        "headers of the browser are dropped and others kept",
        "site.har",
        har(entry("GET", "/a", headers=BROWSER_HEADERS), entry("GET", "/b?x=1", headers=BROWSER_HEADERS, at_s=3)),
        [
            Sent("GET", "/a", headers={"x-requested-with": "XMLHttpRequest", "referer": None, "sec-fetch-mode": None}),
            Sent("GET", "/b?x=1", headers={"x-requested-with": "XMLHttpRequest", "if-none-match": None}),
        ],
        written=('default_headers = {"X-Requested-With": "XMLHttpRequest"}', "wait_time = constant(3)"),
        unwritten=("Mozilla", "sec-"),
    ),
    Case(
        "a body that the recording lacks is said",
        "site.har",
        har(
            entry("POST", "/upload", bodySize=120),
            entry("POST", "/up", headers={"Content-Length": "417", "Content-Type": "multipart/form-data"}),
        ),
        [Sent("POST", "/upload"), Sent("POST", "/up", headers={"content-type": None})],
        written=(
            "# The recording lacks the body: 120 bytes.",
            "# The recording lacks the body: 417 bytes of multipart/form-data.",
        ),
    ),
    Case(
        "a url-encoded body that has only parameters is sent",
        "site.har",
        har(
            entry(
                "POST",
                "/login",
                postData={
                    "mimeType": "application/x-www-form-urlencoded",
                    "params": [{"name": "user", "value": "änn & co"}, {"name": "empty", "value": ""}],
                },
            )
        ),
        [Sent("POST", "/login", form=[("user", "änn & co"), ("empty", "")])],
    ),
    Case(
        "a url-encoded body with a repeated name keeps both",
        "site.har",
        har(entry("POST", "/f", body="a=1&a=2&b=%20x", kind="application/x-www-form-urlencoded")),
        [Sent("POST", "/f", form=[("a", "1"), ("a", "2"), ("b", " x")])],
    ),
    Case(
        "without resource types the content says what is a page's furniture",
        "site.har",
        har(
            entry("GET", "/", resource=None) | {"response": {"status": 200, "content": {"mimeType": "text/html"}}},
            entry("GET", "/s.css", resource=None) | {"response": {"status": 200, "content": {"mimeType": "text/css"}}},
            entry("GET", "/i", resource=None) | {"response": {"status": 200, "content": {"mimeType": "image/png"}}},
            entry("GET", "/f.woff2", resource=None) | {"response": {"status": 200}},
            entry("GET", "/api", resource=None),
        ),
        [Sent("GET", "/"), Sent("GET", "/api")],
        written=("1 of type stylesheet", "1 of type image", "1 of type font"),
    ),
    Case(
        "quotes backslashes line breaks and other scripts survive in JSON",
        "site.har",
        har(
            entry(
                "POST",
                "/q",
                body='{"a": "it\'s \\"quoted\\" \\\\ \\n{x} ünï 日本 \\ud83d\\ude00", "b": [1.5, -0, null, true]}',
            )
        ),
        [Sent("POST", "/q", json={"a": 'it\'s "quoted" \\ \n{x} ünï 日本 😀', "b": [1.5, 0, None, True]})],
    ),
    Case(
        "quotes backslashes line breaks and other scripts survive in other texts",
        "site.har",
        har(entry("POST", "/q", body="<a b=\"1\" c='2'>\\n\r\n\t日本 {y}</a>", kind="text/xml; charset=utf-8")),
        [
            Sent(
                "POST",
                "/q",
                text="<a b=\"1\" c='2'>\\n\r\n\t日本 {y}</a>",
                headers={"content-type": "text/xml; charset=utf-8"},
            )
        ],
    ),
    Case(
        "JSON that is false in Python is sent all the same",
        "site.har",
        har(*(entry("POST", f"/{i}", body=body) for i, body in enumerate(("{}", "[]", "0", "false", '""', "null")))),
        [Sent("POST", f"/{i}", json=value) for i, value in enumerate(({}, [], 0, False, "", None))],
    ),
    Case(
        "a JSON type of its own keeps its name",
        "site.har",
        har(entry("PATCH", "/j", body='{"data": {"id": "1"}}', kind="application/vnd.api+json")),
        [Sent("PATCH", "/j", json={"data": {"id": "1"}}, headers={"content-type": "application/vnd.api+json"})],
    ),
    Case(
        "values of earlier responses are taken from there",
        "site.har",
        har(
            entry("POST", "/login", body='{"user": "ann"}', answer={"data": {"token": TOKEN}}),
            entry("POST", "/orders", body="{}", answer={"id": 48213}, headers={"Authorization": f"Bearer {TOKEN}"}),
            entry("GET", "/orders/48213/lines?after=48213", headers={"Authorization": f"Bearer {TOKEN}"}),
            entry("POST", "/pay", body='{"order": 48213, "n": 7}', headers={"Authorization": f"Bearer {TOKEN}"}),
        ),
        [
            Sent("POST", "/login", json={"user": "ann"}),
            Sent("POST", "/orders", json={}, headers={"authorization": "Bearer fresh-token-1"}),
            Sent("GET", "/orders/77/lines?after=77"),
            Sent("POST", "/pay", json={"order": 77, "n": 7}, headers={"authorization": "Bearer fresh-token-1"}),
        ],
        answers={"/login": Answer({"data": {"token": "fresh-token-1"}}), "POST /orders": Answer({"id": 77})},
        written=(
            "# The recorded token came from this response (data.token in its JSON)",
            'self.token = response.json()["data"]["token"]',
            'name="/orders/[order_id]/lines?after=[after]"',
        ),
        unwritten=(TOKEN, "48213", "os.environ"),
    ),
    Case(
        "a form's hidden field comes from its page",
        "site.har",
        har(
            entry("GET", "/form", answer='<form><input type="hidden" name="csrf_token" value="abc123def456"></form>'),
            entry("POST", "/form", body="csrf_token=abc123def456&x=1", kind="application/x-www-form-urlencoded"),
        ),
        [Sent("GET", "/form"), Sent("POST", "/form", form=[("csrf_token", "new.1"), ("x", "1")])],
        answers={"GET /form": Answer('<p><input type="hidden" name="csrf_token" value="new.1">')},
        unwritten=("abc123def456",),
    ),
    Case(
        "a header that repeats a cookie follows the cookie",
        "site.har",
        har(
            entry("GET", "/", answer_headers={"Set-Cookie": "XSRF-TOKEN=recorded99; Path=/"}),
            entry("POST", "/x", headers={"X-XSRF-TOKEN": "recorded99", "Cookie": "XSRF-TOKEN=recorded99"}),
        ),
        [Sent("GET", "/"), Sent("POST", "/x", headers={"x-xsrf-token": "live77", "cookie": "XSRF-TOKEN=live77"})],
        answers={"/": Answer({}, headers={"Set-Cookie": "XSRF-TOKEN=live77; Path=/"})},
        unwritten=("recorded99",),
    ),
    Case(
        "what the client follows by itself is not asked twice",
        "site.har",
        har(
            entry(
                "POST",
                "/login",
                body="u=1",
                kind="application/x-www-form-urlencoded",
                status=302,
                answer_headers={"Location": "/home"},
            ),
            entry("GET", "/home", status=301, answer_headers={"Location": f"{SITE}/home/"}),
            entry("GET", "/home/"),
            entry("GET", "/next"),
        ),
        [
            Sent("POST", "/login", form=[("u", "1")]),
            Sent("GET", "/home"),
            Sent("GET", "/home/"),
            Sent("GET", "/next"),
        ],
        answers={
            "/login": Answer({}, 302, {"Location": "/home"}),
            "/home": Answer({}, 301, {"Location": "/home/"}),
        },
        unwritten=("/home",),
    ),
    Case(
        "what no user asks for is left out and said",
        "site.har",
        har(
            entry("GET", "/a"),
            entry("OPTIONS", "/a"),
            entry("GET", "/aborted", status=0),
            entry("GET", "ws://site.test/socket", resource="websocket"),
            entry("GET", "https://www.google-analytics.com/collect?v=1"),
            entry("GET", "data:text/plain,x"),
            entry("GET", "/b"),
        ),
        [Sent("GET", "/a"), Sent("GET", "/b")],
        written=("1 of method OPTIONS", "1 without a response", "1 to www.google-analytics.com", "1 of scheme ws"),
        unwritten=("/collect",),
    ),
    Case(
        "hosts that are asked for are constants",
        "site.har",
        har(entry("GET", "/a"), entry("GET", "/b"), entry("GET", f"{OTHER}/c")),
        [Sent("GET", "/a"), Sent("GET", "/b"), Sent("GET", "/c")],
        options={"hosts": ("localhost",)},
        written=('/c"',),
    ),
    Case(
        "a multipart form is sent in parts",
        "site.har",
        har(entry("POST", "/up", body=MULTIPART, kind="multipart/form-data; boundary=XX")),
        [Sent("POST", "/up", parts={"title": (None, 'A "cat"'), "file": ("cat.txt", "meow")})],
        written=("class SiteUser(HttpUser):",),
    ),
    Case(
        "a multipart form that has only parameters is sent in parts",
        "site.har",
        har(
            entry(
                "POST",
                "/up",
                postData={
                    "mimeType": "multipart/form-data; boundary=YY",
                    "params": [{"name": "a", "value": "1"}, {"name": "f", "fileName": "x.bin"}],
                },
            )
        ),
        [Sent("POST", "/up", parts={"a": (None, "1"), "f": ("x.bin", "")})],
        written=("# The recording lacks the content of x.bin",),
    ),
    Case(
        "a recorded failure is expected again",
        "site.har",
        har(entry("GET", f"/users/{UUID}", status=404)),
        [Sent("GET", f"/users/{UUID}")],
        answers={f"/users/{UUID}": Answer({}, 404)},
        written=("expect(response, 404)", 'name="/users/[id]"'),
    ),
    Case(
        "cookies from before the recording come from the environment",
        "site.har",
        har(entry("GET", "/a", headers={"Cookie": "sessionid=s3cr3t; lang=en; _ga=GA1.2.3"}), entry("GET", "/b")),
        [Sent("GET", "/a", headers={"cookie": "sessionid=mine; lang=en"}), Sent("GET", "/b")],
        environment={"SESSIONID": "mine"},
        unwritten=("s3cr3t", "_ga"),
    ),
    Case(
        "secrets come from the environment",
        "site.har",
        har(
            entry("POST", "/login?api_key=k1", body='{"user": "ann", "password": "pw1"}', headers={"X-Api-Key": "k2"}),
            entry("GET", "/me", headers={"Authorization": "Bearer abc"}),
        ),
        [
            Sent("POST", "/login?api_key=K", json={"user": "ann", "password": "P"}, headers={"x-api-key": "X"}),
            Sent("GET", "/me", headers={"authorization": "Bearer T"}),
        ],
        environment={"API_KEY": "K", "X_API_KEY": "X", "PASSWORD": "P", "TOKEN": "T"},
        unwritten=("k1", "k2", "pw1", "abc"),
    ),
    Case(
        "secrets in what is not quite JSON come from the environment",
        "site.har",
        har(entry("POST", "/login", body='{"user": "ann", "password": "pw1", "user": "bob"}')),
        [Sent("POST", "/login", text='{"user": "ann", "password": "P", "user": "bob"}')],
        environment={"PASSWORD": "P"},
        unwritten=("pw1",),
    ),
    Case(
        "queries of one page are one row",
        "site.har",
        har(entry("GET", "/s?q=red&n=1"), entry("GET", "/s?q=blue&n=1"), entry("GET", "/p/17"), entry("GET", "/p/18")),
        [Sent("GET", "/s?q=red&n=1"), Sent("GET", "/s?q=blue&n=1"), Sent("GET", "/p/17"), Sent("GET", "/p/18")],
        written=('name="/s?q=[q]&n=1"', 'name="/p/[id]"'),
    ),
    Case(
        "long texts become constants",
        "graph ql.har",
        har(entry("POST", "/graphql", body=json.dumps({"query": QUERY}))),
        [Sent("POST", "/graphql", json={"query": QUERY})],
        written=('QUERY = """', 'name="/graphql (Orders)"', "class GraphQlUser("),
    ),
]
