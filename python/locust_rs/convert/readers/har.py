"""HAR 1.2, as Chromium, Firefox, Safari and proxies write it: one file is one journey."""

from __future__ import annotations

import base64
import binascii
import re
from datetime import datetime
from urllib.parse import urlencode, urlsplit

from locust_rs.convert.bodies import body_of, form_body
from locust_rs.convert.errors import SourceError
from locust_rs.convert.json_source import Node
from locust_rs.convert.model import Body, Journey, MultipartBody, Part, Request, Response
from locust_rs.convert.options import Options
from locust_rs.convert.readers.har_selection import Selection
from locust_rs.convert.values import Values


def read_har(document: Node, title: str, options: Options, values: Values) -> list[Journey]:
    """The journey of a recording.

    Raises:
        SourceError: With the JSON pointer of what is malformed.
    """
    entries = document.need("log").need("entries").elements()
    if not entries:
        raise document.need("log").need("entries").error("the recording is empty")
    selection = Selection(options)
    chosen = selection.choose(entries)
    if not chosen:
        raise (
            document.need("log")
            .need("entries")
            .error(f"none of the {len(entries)} requests is left: {selection.summary()}")
        )
    requests = [_request(entry, values) for entry in chosen]
    requests.sort(key=lambda request: request.started_s or 0.0)
    summary = selection.summary()
    return [Journey(title, requests, recorded=True, notes=[f"Left out: {summary}."] if summary else [])]


def _request(entry: Node, values: Values) -> Request:
    sent = entry.need("request")
    url = sent.need("url")
    if not urlsplit(url.text()).netloc:
        raise url.error(f"{url.text()!r} is not an absolute URL")
    request = Request(
        sent.need("method").text().upper(),
        url.text(),
        _pairs(sent, "headers"),
        started_s=_moment(entry),
        duration_s=max(_number(entry, "time"), 0.0) / 1000,
        step=entry.text_of("pageref") or None,
        response=_response(entry),
    )
    if request.header("Cookie") is None and sent.list_of("cookies"):
        request.headers.append(("Cookie", "; ".join(f"{name}={value}" for name, value in _pairs(sent, "cookies"))))
    post_data = sent.get("postData")
    if post_data is not None:
        request.body = _body(post_data, request, values)
    elif size := _body_size(sent, request):
        kind = request.header("Content-Type")
        request.notes.append(f"The recording lacks the body: {size} bytes{f' of {kind}' if kind else ''}.")
    request.expected.statuses = _expected_statuses(request.response)
    return request


def _body_size(sent: Node, request: Request) -> int:
    """Bytes of a body that is not in the recording; browsers leave out forms with files."""
    length = request.header("Content-Length") or ""
    return max(int(_number(sent, "bodySize")), int(length) if re.fullmatch("[0-9]{1,15}", length) else 0)


def _expected_statuses(response: Response | None) -> tuple[int, ...]:
    """The recorded status where the client would take it for a failure; any other success is one as well."""
    return (response.status,) if response is not None and response.status >= 400 else ()


def _body(post_data: Node, request: Request, values: Values) -> Body | None:
    """The body out of its text, or out of its parameters where the recording has no text."""
    kind = post_data.text_of("mimeType") or request.header("Content-Type") or ""
    text = post_data.text_of("text")
    if post_data.text_of("encoding") == "base64":
        text = _decoded(post_data.need("text"))
    parameters = post_data.list_of("params")
    if request.header("Content-Type") is None and kind:
        request.headers.append(("Content-Type", kind))
    if kind.lower().startswith("multipart/form-data"):
        body = body_of(text, request.header("Content-Type") or kind) if text else None
        if not isinstance(body, MultipartBody) and parameters:
            body = MultipartBody([_part(parameter) for parameter in parameters])
        return _with_files(body, request, values) if isinstance(body, MultipartBody) else body
    if not text and parameters:
        fields = [(parameter.need("name").text(), parameter.text_of("value")) for parameter in parameters]
        return form_body(urlencode(fields))
    return body_of(text, kind) if text else None


def _part(parameter: Node) -> Part:
    return Part(
        parameter.need("name").text(),
        parameter.text_of("value"),
        parameter.text_of("fileName") or None,
        parameter.text_of("contentType") or None,
    )


def _with_files(body: MultipartBody, request: Request, values: Values) -> MultipartBody:
    """Says which files have no content in the recording, as is usual."""
    for part in body.parts:
        if part.filename and not part.value:
            request.notes.append(f"The recording lacks the content of {part.filename}: put it in here.")
    return body


def _response(entry: Node) -> Response | None:
    received = entry.get("response")
    if received is None:
        return None
    content = received.get("content")
    text = None
    if content is not None and content.get("text") is not None:
        text = content.text_of("text")
        if content.text_of("encoding") == "base64":
            text = _decoded(content.need("text"))
    return Response(int(_number(received, "status")), _pairs(received, "headers"), text)


def _decoded(node: Node) -> str:
    try:
        return base64.b64decode("".join(node.text().split()), validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError) as error:
        raise node.error("not valid base64") from error


def _pairs(node: Node, key: str) -> list[tuple[str, str]]:
    return [(item.need("name").text(), item.text_of("value")) for item in node.list_of(key)]


def _number(node: Node, key: str) -> float:
    found = node.get(key)
    return 0.0 if found is None else found.number()


def _moment(entry: Node) -> float | None:
    started = entry.get("startedDateTime")
    if started is None:
        return None
    try:
        return datetime.fromisoformat(started.text()).timestamp()
    except (ValueError, OverflowError) as error:
        raise SourceError(f"{started.value!r} is not a date and time of ISO 8601", started.pointer) from error
