"""Bodies of OpenAPI's operations."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

from locust_rs.convert.bodies import form_body, json_document
from locust_rs.convert.json_source import Node
from locust_rs.convert.model import Body, MultipartBody, Part, RawBody, Request
from locust_rs.convert.readers.openapi_samples import Samples
from locust_rs.convert.values import Values

_PREFERRED = ("json", "x-www-form-urlencoded", "multipart/form-data")


def read_body(operation: Node, request: Request, samples: Samples, values: Values) -> Body | None:
    """A sample of the body; of several content types JSON is preferred, then forms."""
    described = operation.get("requestBody")
    content = samples.resolved(described).get("content") if described is not None else None
    kinds = dict(content.members()) if content is not None else {}
    if not kinds:
        return None
    kind = next((kind for part in _PREFERRED for kind in kinds if part in kind), next(iter(kinds)))
    media = kinds[kind]
    sample = samples.example(media)
    if "multipart/form-data" in kind:
        return _multipart(media, sample, samples)
    request.headers.append(("Content-Type", kind if "*" not in kind else "application/octet-stream"))
    if "json" in kind:
        return json_document(sample)
    if "x-www-form-urlencoded" in kind and isinstance(sample, dict):
        return form_body(urlencode({key: _text(value) for key, value in sample.items()}))
    return RawBody(_text(sample)) if sample is not None else None


def _multipart(media: Node, sample: Any, samples: Samples) -> Body | None:
    """One part per property; binary ones are files."""
    schema = media.get("schema")
    resolved = samples.resolved(schema) if schema is not None else None
    properties = resolved.get("properties") if resolved is not None else None
    described = dict(properties.members()) if properties is not None else {}
    parts = []
    for name, value in (sample if isinstance(sample, dict) else {}).items():
        node = samples.resolved(described[name]) if name in described else None
        is_file = node is not None and node.text_of("format") == "binary"
        parts.append(Part(name, _text(value), name if is_file else None, None))
    return MultipartBody(parts) if parts else None


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
