"""Locustfiles from the user's own Jinja template.

A template sees `class_name`, `host`, `default_headers` and `entries` of the first journey in the shape in which
har2locust's templates do, and `journeys` with the same for each one. `{{ value | python }}` writes a value as a Python
literal; without it what stands for secrets and captured values is written as `{expression}`.
"""

from __future__ import annotations

from typing import Any

from locust_rs.convert.conversion import Conversion
from locust_rs.convert.identifiers import class_name
from locust_rs.convert.model import FormBody, Journey, JsonBody, MultipartBody, Request
from locust_rs.convert.values import Value
from locust_rs.convert.writer.expressions import Expressions
from locust_rs.convert.writer.layout import flat


def render_template(template: str, conversion: Conversion) -> str:
    """The text that a template makes of a conversion.

    Raises:
        ValueError: The template is wrong; the text begins with the line.
    """
    import jinja2

    values = conversion.values
    expressions = Expressions(values)

    def shown(value: Any) -> Any:
        if not isinstance(value, str):
            return value
        return "".join(f"{{{piece.code}}}" if isinstance(piece, Value) else piece for piece in values.split(value))

    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, finalize=shown, keep_trailing_newline=True)
    environment.filters["python"] = lambda value: flat(expressions.json(value))
    journeys = [_journey(journey, expressions) for journey in conversion.journeys]
    try:
        return environment.from_string(template).render(journeys=journeys, sources=conversion.sources, **journeys[0])
    except jinja2.TemplateSyntaxError as error:
        raise ValueError(f"{error.lineno}: {error.message}") from error
    except jinja2.TemplateError as error:
        raise ValueError(f" {error.message}") from error


def _journey(journey: Journey, expressions: Expressions) -> dict[str, Any]:
    return {
        "class_name": class_name(journey.title),
        "host": journey.host,
        "default_headers": _pairs(journey.shared_headers),
        "entries": [_entry(request, expressions) for request in journey.requests],
    }


def _entry(request: Request, expressions: Expressions) -> dict[str, Any]:
    sent: dict[str, Any] = {
        "method": request.method,
        "url": request.url,
        "headers": _pairs(request.headers),
        "name": request.name,
        "fname": "client.request",
        "extraparams": [],
    }
    if request.body is not None:
        body = request.body
        content = (
            body.content
            if isinstance(body, JsonBody)
            else dict(body.fields)
            if isinstance(body, FormBody)
            else [vars(part) for part in body.parts]
            if isinstance(body, MultipartBody)
            else body.content
        )
        sent["postData"] = {"content": content, "text": flat(expressions.body(body)[1])}
    return {"request": sent, "response": {"status": request.response.status if request.response else None}}


def _pairs(headers: list[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in headers]
