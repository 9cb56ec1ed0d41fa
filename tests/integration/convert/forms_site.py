"""A site with all that makes recordings hard: forms with tokens, redirects, uploads, ids in URLs.

`python forms_site.py LOG` prints its URL and ends when its standard input does. What it was asked and has answered
is written to the log, a line of JSON each.
"""

from __future__ import annotations

import json
import secrets
import sys
import threading
import uuid

from flask import Flask, Response, redirect, request
from werkzeug.serving import make_server

LOGIN = """<!doctype html><link rel=stylesheet href=/style.css><h1>Log in</h1>
<form method=post action=/login><input type="hidden" name="_csrf" value="{csrf}">
<input name=user><input name=password type=password><button>Go</button></form>"""
FILES = """<!doctype html><meta name="csrf-token" content="{csrf}"><link rel=stylesheet href=/style.css>
<form method=post action=/upload enctype=multipart/form-data><input type="hidden" name="_csrf" value="{csrf}">
<input name=title><textarea name=text></textarea><button>Upload</button></form>"""
FILE = """<!doctype html><meta name="csrf-token" content="{csrf}"><h1>{title}</h1>"""

app = Flask(__name__)
sessions: dict[str, str] = {}
titles: dict[str, str] = {}
log = open(sys.argv[1], "w", buffering=1)  # noqa: SIM115


def csrf() -> str:
    """The token of the session that the cookie names."""
    return sessions.get(request.cookies.get("sid", ""), "")


def page(template: str, **values: str) -> Response:
    return Response(template.format(csrf=csrf(), **values), mimetype="text/html")


@app.get("/")
def home() -> Response:
    return redirect("/login")  # type: ignore[return-value]


@app.get("/style.css")
def style() -> Response:
    return Response("body { color: green }", mimetype="text/css")


@app.get("/login")
def login_form() -> Response:
    sid, token = secrets.token_hex(8), secrets.token_urlsafe(18)
    sessions[sid] = token
    answer = Response(LOGIN.format(csrf=token), mimetype="text/html")
    answer.set_cookie("sid", sid)
    return answer


@app.post("/login")
def login() -> Response | tuple[str, int]:
    if request.form["_csrf"] != csrf() or request.form["password"] != "pä ss&1":
        return "wrong token or password", 403
    return redirect("/files", 303)  # type: ignore[return-value]


@app.get("/files")
def files() -> Response | tuple[str, int]:
    return page(FILES) if csrf() else ("log in first", 403)


@app.post("/upload")
def upload() -> Response | tuple[str, int]:
    if request.form["_csrf"] != csrf():
        return "wrong token", 403
    number = str(uuid.uuid4())
    titles[number] = request.form["title"]
    return redirect(f"/files/{number}")  # type: ignore[return-value]


@app.get("/files/<number>")
def show(number: str) -> Response | tuple[str, int]:
    return page(FILE, title=titles[number]) if number in titles else ("no such file", 404)


@app.put("/api/files/<number>")
def rename(number: str) -> Response | tuple[str, int]:
    if request.headers.get("X-CSRF-Token") != csrf() or number not in titles:
        return "wrong token or no such file", 403
    titles[number] = request.get_json()["title"]
    return Response(json.dumps({"id": number, "title": titles[number]}), mimetype="application/json")


@app.after_request
def write_down(answer: Response) -> Response:
    """What matters of a request and its answer; ids and tokens are new every time."""
    rule = str(request.url_rule)
    fields = {name: value for name, value in request.form.items() if name != "_csrf"}
    seen = {"method": request.method, "path": rule, "fields": fields, "json": request.get_json(silent=True)}
    if rule not in ("/style.css", "None"):
        print(json.dumps({**seen, "kind": request.mimetype, "status": answer.status_code}), file=log)
    return answer


if __name__ == "__main__":
    server = make_server("127.0.0.1", 0, app, threaded=True)
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.buffer.read()
