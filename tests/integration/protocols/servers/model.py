"""A service of OpenAI's API whose answers take their time: `python model.py PORT`.

A stream has three tokens, and waits 0.1 s before the first and each later one. "hold" waits until 20 others were asked.
"""

# ruff: noqa: E402  # gevent comes first

import gevent.monkey

gevent.monkey.patch_all()

import json
import sys
import time
from collections.abc import Iterator
from typing import Any

import gevent
from gevent.pywsgi import WSGIServer

USAGE = {"prompt_tokens": 3, "completion_tokens": 3, "total_tokens": 6}
OTHERS, LONGEST_HOLD_S, PAUSE_S = 20, 45, 0.1
asked = 0


def chunk(**changes: Any) -> bytes:
    made = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [], **changes}
    return f"data: {json.dumps(made)}\n\n".encode()


def stream() -> Iterator[bytes]:
    yield chunk(choices=[{"index": 0, "delta": {"role": "assistant", "content": ""}}])
    for token in ("to", "be", "or"):
        began = time.perf_counter()
        # gevent counts from the beginning of its loop's iteration, which is a little earlier.
        while time.perf_counter() - began < PAUSE_S:
            gevent.sleep(0.01)
        yield chunk(choices=[{"index": 0, "delta": {"content": token}}])
    yield chunk(usage=USAGE)
    yield b"data: [DONE]\n\n"


def answer(environ: Any, start_response: Any) -> Any:
    global asked
    question = json.loads(environ["wsgi.input"].read())
    text = question["messages"][0]["content"]
    if text == "refuse":
        start_response("400 Bad Request", [("content-type", "application/json")])
        return [b'{"error": {"message": "no"}}']
    said = "alone"
    if text == "hold":
        enough = asked + OTHERS
        with gevent.Timeout(LONGEST_HOLD_S, False):
            while asked < enough:
                gevent.sleep(0.01)
            said = "held"
    asked += 1
    start_response("200 OK", [("content-type", "text/event-stream" if question.get("stream") else "application/json")])
    if question.get("stream"):
        return stream()
    choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": said}}
    made = {"id": "c", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice], "usage": USAGE}
    return [json.dumps(made).encode()]


WSGIServer(("127.0.0.1", int(sys.argv[1])), answer, log=None, error_log=None).serve_forever()
