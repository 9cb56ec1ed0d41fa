"""What an operation's security asks for: environment variables in the right places."""

from __future__ import annotations

from locust_rs.convert.json_source import Node
from locust_rs.convert.model import Request
from locust_rs.convert.readers.openapi_samples import Samples
from locust_rs.convert.values import Values


def secure(request: Request, operation: Node, document: Node, samples: Samples, values: Values) -> None:
    """Adds the credentials of the first alternative; an empty list means that none are needed."""
    owner = operation if operation.get("security") is not None else document
    alternatives = owner.list_of("security")
    if not alternatives or any(not each.object() for each in alternatives):
        return
    components = document.get("components")
    schemes = components.get("securitySchemes") if components is not None else None
    for name, use in alternatives[0].members():
        described = schemes.get(name) if schemes is not None else None
        if described is None:
            raise use.error(f"the security scheme {name!r} is not described")
        _add(request, name, samples.resolved(described), values)


def _add(request: Request, name: str, scheme: Node, values: Values) -> None:
    kind = scheme.need("type").text()
    if kind == "apiKey":
        key, place = scheme.need("name").text(), scheme.need("in").text()
        _add_key(request, key, place, values.variable(name))
    elif kind == "http" and scheme.need("scheme").text().lower() == "basic":
        request.auth = values.variable("USERNAME"), values.variable("PASSWORD")
    elif kind in ("http", "oauth2", "openIdConnect"):
        prefix = scheme.text_of("scheme").capitalize() if kind == "http" else "Bearer"
        request.headers.append(("Authorization", f"{prefix} {values.variable('TOKEN')}"))
    elif kind != "mutualTLS":
        raise scheme.need("type").error(f"{kind!r} is no type of security schemes")
    else:
        request.notes.append("Not converted: mutual TLS; set self.client.cert in on_start of an HttpUser.")


def _add_key(request: Request, key: str, place: str, value: str) -> None:
    if place == "query":
        request.url += ("&" if "?" in request.url else "?") + f"{key}={value}"
    elif place == "cookie":
        given = request.header("Cookie")
        request.drop_header("Cookie")
        request.headers.append(("Cookie", f"{given}; {key}={value}" if given else f"{key}={value}"))
    else:
        request.headers.append((key, value))
