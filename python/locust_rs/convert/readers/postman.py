"""Postman collections of format 2.0 and 2.1: each folder at the top is a journey."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from locust_rs.convert.json_source import Node
from locust_rs.convert.model import Expected, Journey, Request
from locust_rs.convert.options import Options
from locust_rs.convert.readers.postman_parts import authenticate, read_body, read_pairs, read_url
from locust_rs.convert.readers.scripts import read_script
from locust_rs.convert.readers.variables import Variables
from locust_rs.convert.values import Values

_DEEPEST_FOLDER = 50


@dataclass
class _Context:
    """What a request gets from the folders that it is in."""

    auth: Node | None = None
    scripts: tuple[Node, ...] = ()


def read_postman(document: Node, title: str, options: Options, values: Values) -> list[Journey]:
    """The journeys of a collection.

    Raises:
        SourceError: With the JSON pointer of what is malformed.
    """
    collection = document.get("collection") or document
    if collection.get("item") is None and collection.get("requests") is not None:
        raise collection.need("requests").error("this is format 1; export the collection as v2.1")
    items = collection.need("item").elements()
    info = collection.get("info")
    title = (info.text_of("name") if info else "") or title
    known = {item.text_of("key"): _text(item) for item in collection.list_of("variable") if item.text_of("key")}
    reader = _Reader(Variables({**known, **options.variables}, values), values)
    context = _inherit(_Context(), collection)
    loose = Journey(title)
    journeys = [loose]
    for item in items:
        if item.get("item") is not None:
            name = item.text_of("name") or title
            journeys.append(Journey(name, list(reader.requests(item, _inherit(context, item), 0))))
        else:
            loose.requests.append(reader.request(item, context))
    journeys = [journey for journey in journeys if journey.requests]
    if not journeys:
        raise collection.need("item").error("the collection has no requests")
    reader.variables.drop_unused([request for journey in journeys for request in journey.requests])
    return _joined(journeys, title)


def _text(item: Node) -> str:
    """A variable's value as a text; values may be numbers."""
    value = item.object().get("value")
    return "" if value is None else value if isinstance(value, str) else str(value)


def _inherit(context: _Context, folder: Node) -> _Context:
    scripts = tuple(event for event in folder.list_of("event"))
    return _Context(folder.get("auth") or context.auth, (*context.scripts, *scripts))


class _Reader:
    def __init__(self, variables: Variables, values: Values) -> None:
        self.variables = variables
        self._values = values

    def requests(self, folder: Node, context: _Context, depth: int) -> Iterator[Request]:
        """The requests of a folder and of those in it, in their order."""
        if depth > _DEEPEST_FOLDER:
            raise folder.error(f"folders are nested deeper than {_DEEPEST_FOLDER}")
        for item in folder.list_of("item"):
            if item.get("item") is not None:
                yield from self.requests(item, _inherit(context, item), depth + 1)
            else:
                yield self.request(item, context)

    def request(self, item: Node, context: _Context) -> Request:
        """A request with all that it inherits."""
        sent = item.need("request")
        context = _inherit(context, item)

        def resolve(text: str, node: Node) -> str:
            return self.variables.resolve(text, node.error)

        if isinstance(sent.value, str):
            request = Request("GET", _absolute(resolve(sent.value, sent)))
        else:
            request = Request((sent.text_of("method") or "GET").upper(), _absolute(read_url(sent.need("url"), resolve)))
            request.headers = read_pairs(sent, "header", resolve)
            request.body = read_body(sent.get("body"), request, resolve, self._values)
        if "://" in request.url and not request.url.lower().startswith(("http://", "https://", "\ufdd0")):
            raise sent.error(f"{request.url!r} is not a URL of HTTP")
        auth = sent.get("auth") if isinstance(sent.value, dict) else None
        authenticate(request, auth or context.auth, resolve, self._values)
        request.title = item.text_of("name")
        behavior = item.get("protocolProfileBehavior")
        request.follow_redirects = behavior is None or behavior.object().get("followRedirects") is not False
        self._run_scripts(request, context.scripts)
        return request

    def _run_scripts(self, request: Request, events: tuple[Node, ...]) -> None:
        for event in events:
            code = _code(event)
            if not code.strip():
                continue
            if event.text_of("listen") != "test":
                request.notes.append("Not converted: the script before this request.")
                continue
            script = read_script(code)
            request.expected = Expected(script.statuses or request.expected.statuses)
            for variable, source in script.kept:
                self.variables.capture(request, variable, source)
            if not script:
                request.notes.append("Not converted: the test script of this request.")


def _code(event: Node) -> str:
    script = event.get("script")
    lines = script.get("exec") if script is not None and isinstance(script.value, dict) else None
    if lines is None:
        return ""
    return lines.text() if isinstance(lines.value, str) else "\n".join(line.text() for line in lines.elements())


def _absolute(url: str) -> str:
    return url if "://" in url or url.startswith(("\ufdd0", "/")) else f"http://{url}"


def _joined(journeys: list[Journey], title: str) -> list[Journey]:
    """One journey instead of several if a folder needs values from another one's responses."""
    for journey in journeys:
        foreign = [capture.target for other in journeys if other is not journey for capture in other.captures()]
        written = "".join(map(repr, journey.requests))
        if any(repr(target)[1:-1] in written for target in foreign):
            note = "One journey, because its folders need values from each other's responses."
            return [Journey(title, [request for each in journeys for request in each.requests], notes=[note])]
    return journeys
