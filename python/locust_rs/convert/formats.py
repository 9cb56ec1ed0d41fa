"""The formats: which one an input has, and who reads it."""

from __future__ import annotations

import re

from locust_rs.convert.errors import SourceError
from locust_rs.convert.json_source import Node, read_json, read_yaml
from locust_rs.convert.model import Journey
from locust_rs.convert.options import Options
from locust_rs.convert.readers.curl import read_curl
from locust_rs.convert.readers.har import read_har
from locust_rs.convert.readers.http_file import read_http_file
from locust_rs.convert.readers.openapi import read_openapi
from locust_rs.convert.readers.postman import read_postman
from locust_rs.convert.values import Values

FORMATS = ("har", "curl", "http", "postman", "openapi")

_DOCUMENTS = {"har": read_har, "postman": read_postman, "openapi": read_openapi}
_TEXTS = {"curl": read_curl, "http": read_http_file}


def read_source(text: str, name: str, format_: str | None, options: Options, values: Values) -> list[Journey]:
    """The journeys of an input; its first one is named after it unless the input has a title.

    Args:
        text: The input.
        name: Its file name, which also tells formats apart.
        format_: One of `FORMATS`; None: found out.
        options: What to take.
        values: Gets what the requests' placeholders stand for.

    Raises:
        SourceError: With the position of what is malformed.
    """
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    if not text.strip():
        raise SourceError("the input is empty")
    title = re.sub(r"\.[A-Za-z0-9]+$", "", name) if name != "-" else "Converted"
    document = None
    if format_ is None or format_ in _DOCUMENTS:
        document = _document(text, name, format_)
        format_ = format_ or (_format_of(document) if document else _format_of_text(text, name))
    if document is not None and format_ in _DOCUMENTS:
        return _DOCUMENTS[format_](document, title, options, values)
    return _TEXTS[format_](text, title, options, values)


def _document(text: str, name: str, format_: str | None) -> Node | None:
    """The parsed document; None if the input is not one by its look."""
    if text.lstrip().startswith("{") or name.lower().endswith((".har", ".json")) or format_ in ("har", "postman"):
        return read_json(text)
    looks_like_yaml = re.search(r"(?m)^[\"']?(openapi|swagger)[\"']?\s*:", text)
    if looks_like_yaml or name.lower().endswith((".yaml", ".yml")) or format_ == "openapi":
        return read_yaml(text)
    return None


def _format_of(document: Node) -> str:
    keys = document.object()
    if "log" in keys:
        return "har"
    if "openapi" in keys or "swagger" in keys:
        return "openapi"
    if "item" in keys or "info" in keys or "collection" in keys or "requests" in keys:
        return "postman"
    raise SourceError("this is neither a HAR (`log`), nor a Postman collection (`item`), nor OpenAPI (`openapi`)")


def _format_of_text(text: str, name: str) -> str:
    if name.lower().endswith((".http", ".rest")):
        return "http"
    if re.search(r"(?m)^\s*(###|@\w+\s*=|(GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS)\s+\S)", text):
        return "http"
    if re.search(r"(?m)(^|[\s;&|])curl(\.exe)?\s", text):
        return "curl"
    raise SourceError(f"the format is unknown; name it with --format ({', '.join(FORMATS)})")
