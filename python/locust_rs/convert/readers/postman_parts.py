"""The parts of a Postman request: URL, headers, body, authentication."""

from __future__ import annotations

import re
from collections.abc import Callable

from locust_rs.convert.bodies import body_of, form_body, json_document
from locust_rs.convert.json_source import Node
from locust_rs.convert.model import Body, JsonBody, MultipartBody, Part, RawBody, Request
from locust_rs.convert.values import Values, percent_encoded

Resolve = Callable[[str, Node], str]
"""Replaces the variables of a text that stands at a node."""

_RAW_TYPES = {
    "json": "application/json",
    "xml": "application/xml",
    "html": "text/html",
    "text": "text/plain",
    "javascript": "application/javascript",
}


def read_url(url: Node, resolve: Resolve) -> str:
    """The URL with its enabled parameters and the values of its path's variables."""
    if isinstance(url.value, str):
        return resolve(url.text(), url)
    raw = url.text_of("raw")
    base = raw.partition("#")[0].partition("?")[0] if raw else _from_parts(url)
    for variable in url.list_of("variable"):
        key = variable.text_of("key") or variable.text_of("id")
        value = variable.object().get("value")
        if key and value not in (None, ""):
            replacement = f"/{value}".replace("\\", r"\\")
            base = re.sub(rf"/:{re.escape(key)}(?=/|$)", replacement, base)
    base = re.sub(r"/:([A-Za-z_]\w*)(?=/|$)", r"/{{\1}}", base)
    pairs = [
        f"{parameter.text_of('key')}={parameter.text_of('value')}"
        if parameter.get("value") is not None
        else parameter.text_of("key")
        for parameter in url.list_of("query")
        if not parameter.flag("disabled")
    ]
    if not pairs and url.get("query") is None and "?" in raw:
        pairs = [raw.partition("#")[0].partition("?")[2]]
    return resolve(base + ("?" + "&".join(pairs) if pairs else ""), url)


def _from_parts(url: Node) -> str:
    """The URL without its query, out of `host`, `port` and `path`."""

    def joined(key: str, separator: str) -> str:
        part = url.get(key)
        if part is None:
            return ""
        if isinstance(part.value, str):
            return part.text().strip("/")
        return separator.join(_path_piece(item) for item in part.elements())

    host = joined("host", ".")
    if not host:
        raise (
            url.need("raw").error("the URL is empty")
            if url.get("raw")
            else url.error("the URL has neither `raw` nor `host`")
        )
    protocol = url.text_of("protocol")
    port = url.text_of("port")
    origin = f"{protocol}://{host}" if protocol and "://" not in host else host
    return f"{origin}{f':{port}' if port else ''}/{joined('path', '/')}"


def _path_piece(item: Node) -> str:
    """A piece of a host or path, which may be an object with its value."""
    return str(item.value.get("value", "")) if isinstance(item.value, dict) else item.text()


def read_pairs(node: Node, key: str, resolve: Resolve) -> list[tuple[str, str]]:
    """Enabled pairs of key and value; format 2.0 has headers as one text as well."""
    found = node.get(key)
    if found is None:
        return []
    if isinstance(found.value, str):
        lines = [line.partition(":") for line in resolve(found.text(), found).splitlines() if ":" in line]
        return [(name.strip(), value.strip()) for name, _, value in lines]
    return [
        (resolve(item.text_of("key"), item), resolve(item.text_of("value"), item))
        for item in found.elements()
        if not item.flag("disabled") and item.text_of("key")
    ]


def read_body(body: Node | None, request: Request, resolve: Resolve, values: Values) -> Body | None:
    """The body of a request, whose Content-Type is added where Postman adds it."""
    if body is None or body.flag("disabled"):
        return None
    mode = body.text_of("mode")
    if mode == "raw":
        return _raw(body, request, resolve)
    if mode == "urlencoded":
        pairs = read_pairs(body, "urlencoded", resolve)
        encoded = "&".join(f"{percent_encoded(key)}={percent_encoded(value)}" for key, value in pairs)
        _default_type(request, "application/x-www-form-urlencoded")
        return form_body(encoded) if encoded else None
    if mode == "formdata":
        fields = [field for field in body.list_of("formdata") if not field.flag("disabled")]
        request.drop_header("Content-Type")
        return MultipartBody([_part(field, resolve, values) for field in fields]) if fields else None
    if mode == "graphql":
        return _graphql(body.need("graphql"), request, resolve)
    if mode == "file":
        source = body.get("file")
        path = source.text_of("src") if source is not None and isinstance(source.value, dict) else ""
        return RawBody(values.file(path)) if path else None
    if mode:
        raise body.need("mode").error(f"{mode!r} is not a mode of bodies")
    return None


def _default_type(request: Request, content_type: str) -> None:
    if request.header("Content-Type") is None:
        request.headers.append(("Content-Type", content_type))


def _raw(body: Node, request: Request, resolve: Resolve) -> Body | None:
    text = resolve(body.text_of("raw"), body)
    if not text:
        return None
    options = body.get("options")
    raw = options.get("raw") if options is not None else None
    _default_type(request, _RAW_TYPES.get(raw.text_of("language") if raw is not None else "", "text/plain"))
    return body_of(text, request.header("Content-Type") or "")


def _part(field: Node, resolve: Resolve, values: Values) -> Part:
    name = resolve(field.need("key").text(), field)
    content_type = field.text_of("contentType") or None
    if field.text_of("type") != "file":
        return Part(name, resolve(field.text_of("value"), field), None, content_type)
    source = field.get("src")
    paths = [] if source is None else [source] if isinstance(source.value, str) else source.elements()
    path = paths[0].text() if paths else ""
    if not path:
        raise field.error(f"the form's field {name!r} names no file")
    return Part(name, values.file(path), re.split(r"[/\\]", path)[-1], content_type)


def _graphql(graphql: Node, request: Request, resolve: Resolve) -> Body:
    content: dict[str, object] = {"query": resolve(graphql.text_of("query"), graphql)}
    variables = graphql.get("variables")
    if variables is not None and isinstance(variables.value, str) and variables.text().strip():
        parsed = body_of(resolve(variables.text(), variables), "application/json")
        if not isinstance(parsed, JsonBody):
            raise variables.error("the variables are not JSON")
        content["variables"] = parsed.content
    elif variables is not None and isinstance(variables.value, dict):
        content["variables"] = variables.value
    if graphql.text_of("operationName"):
        content["operationName"] = graphql.text_of("operationName")
    _default_type(request, "application/json")
    return json_document(content)


def authenticate(request: Request, auth: Node | None, resolve: Resolve, values: Values) -> None:
    """Adds what the request's authentication, its own or an inherited one, sends."""
    kind = auth.text_of("type") if auth is not None else ""
    if auth is None or kind in ("", "noauth"):
        return
    given = _attributes(auth, kind, resolve)
    if kind == "basic":
        request.auth = given.get("username", ""), given.get("password") or values.variable("PASSWORD")
    elif kind in ("bearer", "oauth2"):
        token = given.get("token") or given.get("accessToken") or values.variable("TOKEN")
        prefix = given.get("headerPrefix", "Bearer").strip()
        request.headers.append(("Authorization", f"{prefix} {token}".strip()))
    elif kind == "apikey":
        _api_key(request, given, values)
    else:
        request.notes.append(f"Not converted: authentication of type {kind}.")


def _api_key(request: Request, given: dict[str, str], values: Values) -> None:
    name, value = given.get("key", "X-API-Key"), given.get("value") or values.variable("API_KEY")
    if "\ufdd0" not in value:
        value = values.secret(name, value)
    if given.get("in") == "query":
        request.url += ("&" if "?" in request.url else "?") + f"{name}={value}"
    else:
        request.headers.append((name, value))


def _attributes(auth: Node, kind: str, resolve: Resolve) -> dict[str, str]:
    """The settings of an authentication: a list in format 2.1, an object in 2.0."""
    found = auth.get(kind)
    if found is None:
        return {}
    if isinstance(found.value, dict):
        return {key: resolve(str(item.value), item) for key, item in found.members() if item.value is not None}
    return {
        item.text_of("key"): resolve(str(item.value["value"]), item)
        for item in found.elements()
        if item.object().get("value") is not None
    }
