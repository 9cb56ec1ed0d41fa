"""curl commands and .http files."""

from __future__ import annotations

import base64

from convert_case.cases import OTHER, SITE, Case, Sent
from convert_case.server import Answer

BASIC = "Basic " + base64.b64encode(b"bob:P").decode()

CURL = [
    Case("a bare URL is a GET", "a.sh", f"curl {SITE}/a?b=c#d", [Sent("GET", "/a?b=c")]),
    Case(
        "a POST of JSON over several lines",
        "a.sh",
        f"curl -X POST '{SITE}/j' \\\n  -H 'Content-Type: application/json' \\\n  -d '{{\"a\": \"it'\\''s\"}}'",
        [Sent("POST", "/j", json={"a": "it's"})],
    ),
    Case(
        "data options are joined",
        "a.sh",
        f"curl {SITE}/f -d a=1 --data b=2 --data-urlencode 'c=x & y' --data-raw d=@4",
        [Sent("POST", "/f", form=[("a", "1"), ("b", "2"), ("c", "x & y"), ("d", "@4")])],
    ),
    Case("data goes into the query with -G", "a.sh", f"curl -G {SITE}/s -d q=1 -d r=2", [Sent("GET", "/s?q=1&r=2")]),
    Case(
        "methods",
        "a.sh",
        f"curl -I {SITE}/h; curl -XDELETE {SITE}/d && curl -X PURGE {SITE}/p\ncurl --request PATCH {SITE}/q -d x=1",
        [Sent("HEAD", "/h"), Sent("DELETE", "/d"), Sent("PURGE", "/p"), Sent("PATCH", "/q", form=[("x", "1")])],
    ),
    Case(
        "JSON with --json",
        "a.sh",
        f"curl --json '{{\"a\": 1}}' {SITE}/j",
        [Sent("POST", "/j", json={"a": 1}, headers={"accept": "application/json"})],
    ),
    Case(
        "credentials",
        "a.sh",
        f"curl -u bob:pw {SITE}/a\ncurl --oauth2-bearer tok {SITE}/b\ncurl {SITE.replace('://', '://bob:pw@')}/c",
        [
            Sent("GET", "/a", headers={"authorization": BASIC}),
            Sent("GET", "/b", headers={"authorization": "Bearer T"}),
            Sent("GET", "/c", headers={"authorization": BASIC}),
        ],
        environment={"PASSWORD": "P", "TOKEN": "T"},
        unwritten=('"pw"', "tok}"),
    ),
    Case(
        "variables of the shell are variables of the environment",
        "a.sh",
        f'#!/bin/sh\nset -e\ncurl -s "{SITE}/u/$USER_ID?k=${{key}}" -H "X-Tenant: $TENANT" | jq .name > out.json',
        [Sent("GET", "/u/9?k=K", headers={"x-tenant": "acme"})],
        environment={"USER_ID": "9", "key": "K", "TENANT": "acme"},
    ),
    Case(
        "quoting of bash",
        "a.sh",
        r"""
curl http://site.test/q -H $'X-A: it\'s \u00e4 \x41' -H "X-B: \"b\" \\" \
    -H X-C:\ c\ d --data-binary $'l1\nl2' -H 'Content-Type: text/plain'
""",
        [Sent("POST", "/q", text="l1\nl2", headers={"x-b": '"b" \\', "x-c": "c d", "content-type": "text/plain"})],
        written=("it's ä A",),
    ),
    Case(
        "a command copied for Windows",
        "a.cmd",
        r"""
curl ^"http://site.test/w?a=1^&b=2^" ^
  -H ^"accept: application/json^" ^
  -H ^"sec-ch-ua: x^" ^
  --data-raw ^"^{^\^"a^\^":^\^"50^% ^^ ok^\^"^}^" ^
  -H ^"content-type: application/json^"
""",
        [
            Sent(
                "POST",
                "/w?a=1&b=2",
                json={"a": "50% ^ ok"},
                headers={"accept": "application/json", "sec-ch-ua": None},
            )
        ],
    ),
    Case(
        "a multipart form with a file",
        "a.sh",
        f"curl {SITE}/up -F 'title=my cat' -F 'f=@notes.txt;type=text/plain' --form-string raw=@x",
        [Sent("POST", "/up", parts={"title": (None, "my cat"), "f": ("notes.txt", "meow"), "raw": (None, "@x")})],
        files={"notes.txt": "meow"},
        written=('Path("notes.txt").read_bytes()',),
    ),
    Case(
        "a file as the body",
        "a.sh",
        f"curl {SITE}/up --data-binary @notes.txt -H 'Content-Type: text/plain'; curl -T notes.txt {SITE}/put/",
        [
            Sent("POST", "/up", text="meow", headers={"content-type": "text/plain"}),
            Sent("PUT", "/put/notes.txt", text="meow"),
        ],
        files={"notes.txt": "meow"},
    ),
    Case(
        "cookies user agents and referers that were asked for",
        "a.sh",
        f"curl -b 'theme=dark; a=b' -A agent/1 -e http://from.test {SITE}/c -L -k --compressed -m 9.5",
        [
            Sent(
                "GET",
                "/c",
                headers={"cookie": "theme=dark; a=b", "user-agent": "agent/1", "referer": "http://from.test"},
            )
        ],
        written=("timeout=9.5", "self.client.verify = False"),
    ),
    Case(
        "all requests of a page copied as curl",
        "a.sh",
        f"curl '{SITE}/' -H 'Sec-Fetch-Dest: document' -H 'User-Agent: Mozilla' --compressed ;\n"
        f"curl '{SITE}/s.css' -H 'Sec-Fetch-Dest: style' -H 'Referer: {SITE}/' --compressed ;\n"
        f"curl '{SITE}/api' -H 'Sec-Fetch-Dest: empty' -b 'theme=dark; _ga=GA1.2' --compressed",
        [Sent("GET", "/"), Sent("GET", "/api", headers={"cookie": "theme=dark"})],
        written=("# Left out: 1 for scripts, styles, images and fonts.",),
        unwritten=("Mozilla", "s.css", "_ga"),
    ),
    Case(
        "several requests in one command and pauses between commands",
        "a.sh",
        f"curl {SITE}/1 --next {SITE}/2 -d x=1\nsleep 2.5\ncurl {OTHER}/3",
        [Sent("GET", "/1"), Sent("POST", "/2", form=[("x", "1")]), Sent("GET", "/3")],
        written=("wait_time = constant(2.5)",),
    ),
]

HTTP = [
    Case(
        "requests and their names",
        "shop-api.http",
        """\
@host = http://site.test
@id = 42
### First
GET {{host}}/a/{{id}} HTTP/1.1
Accept: text/x

###
http://site.test/b
### Last
# a comment
PUT {{host}}/c
  ?x=1
  &y=2
Content-Type: application/json

{
  "a": {{id}}
}
""",
        [
            Sent("GET", "/a/42", headers={"accept": "text/x"}),
            Sent("GET", "/b"),
            Sent("PUT", "/c?x=1&y=2", json={"a": 42}),
        ],
        written=("def first(self)", "def last(self)", "class ShopApiUser"),
    ),
    Case(
        "values that JetBrains' scripts keep",
        "a.http",
        """\
POST http://site.test/login
Content-Type: application/json

{"u": 1}

> {%
  client.test("made", function () { client.assert(response.status === 201); });
  client.global.set("tok", response.body.data[0].token);
%}

### second
GET http://site.test/me
Authorization: Bearer {{tok}}
""",
        [Sent("POST", "/login", json={"u": 1}), Sent("GET", "/me", headers={"authorization": "Bearer t1"})],
        answers={"/login": Answer({"data": [{"token": "t1"}]}, 201)},
        written=("expect(response, 201)",),
    ),
    Case(
        "responses that VS Code refers to",
        "a.rest",
        """\
# @name login
POST http://site.test/login

###
DELETE http://site.test/o/{{login.response.body.$.id}}
X-From: {{login.response.headers.X-Id}}
""",
        [Sent("POST", "/login"), Sent("DELETE", "/o/5", headers={"x-from": "h"})],
        answers={"/login": Answer({"id": 5}, headers={"X-Id": "h"})},
    ),
    Case(
        "forms files and GraphQL",
        "a.http",
        """\
POST http://site.test/f
Content-Type: application/x-www-form-urlencoded

a=1
&b=2

### b
POST http://site.test/file
Content-Type: text/plain

< ./notes.txt

### c
POST http://site.test/g
X-Request-Type: GraphQL

query Q($n: Int) { a }

{"n": 1}

### d
POST http://site.test/m
Content-Type: multipart/form-data; boundary=B

--B
Content-Disposition: form-data; name="x"

1
--B
Content-Disposition: form-data; name="f"; filename="n.txt"

< ./notes.txt
--B--
""",
        [
            Sent("POST", "/f", form=[("a", "1"), ("b", "2")]),
            Sent("POST", "/file", text="meow"),
            Sent("POST", "/g", json={"query": "query Q($n: Int) { a }", "variables": {"n": 1}}),
            Sent("POST", "/m", parts={"x": (None, "1"), "f": ("n.txt", "meow")}),
        ],
        files={"notes.txt": "meow"},
    ),
    Case(
        "pasted curl unknown variables and directives",
        "a.http",
        """\
### pasted
curl -X POST http://site.test/p \\
  -d a=1

### env
# @no-redirect
# @timeout 20
GET http://site.test/e?t={{tenant}}&p={{$processEnv PLACE}}
Authorization: Basic bob pw
""",
        [Sent("POST", "/p", form=[("a", "1")]), Sent("GET", "/e?t=acme&p=here", headers={"authorization": BASIC})],
        environment={"TENANT": "acme", "PLACE": "here", "PASSWORD": "P"},
        answers={"/e": Answer({}, 302, {"Location": "/never"})},
        written=("allow_redirects=False", "timeout=20"),
    ),
]

CASES = CURL + HTTP
