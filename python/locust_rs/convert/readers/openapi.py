"""OpenAPI 3.0 and 3.1: one class per tag, one task per operation."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from locust_rs.convert.json_source import Node
from locust_rs.convert.model import Expected, Journey, Request
from locust_rs.convert.options import Options
from locust_rs.convert.readers.openapi_bodies import read_body
from locust_rs.convert.readers.openapi_parameters import Parameter, serialized
from locust_rs.convert.readers.openapi_samples import Samples
from locust_rs.convert.readers.openapi_security import secure
from locust_rs.convert.values import Values

_METHODS = ("get", "post", "put", "patch", "delete", "head", "options")


@dataclass
class _Operation:
    path: str
    method: str
    node: Node
    shared: Node


def read_openapi(document: Node, title: str, options: Options, values: Values) -> list[Journey]:
    """The journeys of a description.

    Raises:
        SourceError: With the JSON pointer of what is malformed.
    """
    del options
    if document.get("swagger") is not None:
        raise document.need("swagger").error("Swagger 2.0 is not read: convert it to OpenAPI 3 first")
    version = document.need("openapi")
    if not str(version.value).startswith("3."):
        raise version.error(f"OpenAPI {version.value!r} is not read, only 3.0 and 3.1")
    info = document.get("info")
    title = (info.text_of("title") if info else "") or title
    reader = _Reader(document, values)
    journeys: dict[str, Journey] = {}
    deprecated = 0
    for operation in _operations(document):
        if operation.node.flag("deprecated"):
            deprecated += 1
            continue
        tags = operation.node.list_of("tags")
        tag = tags[0].text() if tags else title
        journey = journeys.setdefault(tag, Journey(tag, ordered=False))
        journey.requests.append(reader.request(operation, journey))
    if not journeys:
        raise document.need("paths").error("there is no operation to convert")
    if deprecated:
        next(iter(journeys.values())).notes.append(f"Left out: {deprecated} deprecated operations.")
    return list(journeys.values())


def _operations(document: Node) -> Iterator[_Operation]:
    samples = Samples(document)
    for path, item in document.need("paths").members():
        if path.startswith("x-"):
            continue
        if not path.startswith("/"):
            raise item.error(f"the path {path!r} does not begin with a slash")
        shared = samples.resolved(item)
        for method in _METHODS:
            node = shared.get(method)
            if node is not None:
                node.object()
                yield _Operation(path, method, node, shared)


class _Reader:
    def __init__(self, document: Node, values: Values) -> None:
        self._document = document
        self._values = values
        self._samples = Samples(document)

    def request(self, operation: _Operation, journey: Journey) -> Request:
        """The request of an operation, with samples for what it needs."""
        node = operation.node
        parameters = self._parameters(operation)
        path = operation.path
        for parameter in parameters:
            if parameter.place == "path":
                path = path.replace(f"{{{parameter.name}}}", serialized(parameter))
        missing = re.search(r"\{([^{}]*)\}", path)
        if missing:
            raise node.error(f"the path's parameter {missing[1]!r} is not described")
        query = "&".join(filter(None, (serialized(each) for each in parameters if each.place == "query")))
        url = self._server(operation) + path + (f"?{query}" if query else "")
        request = Request(operation.method.upper(), url, title=node.text_of("operationId"))
        request.headers = [(each.name, serialized(each)) for each in parameters if each.place == "header"]
        cookies = "; ".join(serialized(each) for each in parameters if each.place == "cookie")
        if cookies:
            request.headers.append(("Cookie", cookies))
        if path != operation.path or query:
            request.name = self._path_of_server(operation) + operation.path
        request.body = read_body(node, request, self._samples, self._values)
        secure(request, node, self._document, self._samples, self._values)
        request.expected = self._expected(node)
        del journey
        return request

    def _parameters(self, operation: _Operation) -> list[Parameter]:
        """Parameters of the path and of the operation, the latter winning; only those that are needed."""
        found: dict[tuple[str, str], Parameter] = {}
        for node in [*operation.shared.list_of("parameters"), *operation.node.list_of("parameters")]:
            parameter = Parameter.read(self._samples.resolved(node), self._samples)
            found[parameter.place, parameter.name] = parameter
        return [parameter for parameter in found.values() if parameter.is_sent]

    def _server(self, operation: _Operation) -> str:
        """The first server's URL, with the defaults of its variables; empty where none is named."""
        for owner in (operation.node, operation.shared, self._document):
            servers = owner.list_of("servers")
            if servers:
                url: str = servers[0].need("url").text()
                variables = servers[0].get("variables")
                for name, variable in variables.members() if variables is not None else ():
                    url = url.replace(f"{{{name}}}", str(variable.need("default").value))
                return url.rstrip("/")
        return ""

    def _path_of_server(self, operation: _Operation) -> str:
        return re.sub(r"^[A-Za-z][A-Za-z0-9+.-]*://[^/]*", "", self._server(operation))

    def _expected(self, node: Node) -> Expected:
        """The successful statuses that are described, and the keys that their JSON must have."""
        responses = node.get("responses")
        if responses is None:
            return Expected()
        statuses, keys = [], None
        for status, response in responses.members():
            if re.fullmatch(r"[23][0-9]{2}", status):
                statuses.append(int(status))
                required = self._required_keys(self._samples.resolved(response))
                keys = required if keys is None else tuple(key for key in keys if key in required)
        return Expected(tuple(statuses), keys or ())

    def _required_keys(self, response: Node) -> tuple[str, ...]:
        content = response.get("content")
        for kind, media in content.members() if content is not None else ():
            schema = media.get("schema")
            if schema is not None and "json" in kind:
                return self._samples.required_keys(schema)
        return ()
