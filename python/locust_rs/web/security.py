"""Protects people who use the UI in a browser: response headers, and refusal of other sites' requests.

`LOCUST_WEB_CORS_ORIGINS`: origins (comma separated) whose pages may read and control the UI; `*` lets every page
read. `LOCUST_WEB_FRAME_ANCESTORS`: origins (space separated) whose pages may show the UI in a frame.
"""

from __future__ import annotations

import os
import re
import secrets
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from flask import g, request

from locust_rs._tunables import web as tunables
from locust_rs.web.errors import refuse

if TYPE_CHECKING:
    from flask import Flask, Response

NOBODY = "'none'"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_ORIGIN = re.compile(r"'none'|'self'|https?://[A-Za-z0-9.\-\[\]:*]+")


class _Nonce:
    """The script nonce of one answer; created when a template reads it, so only such pages get the policy with it."""

    def __str__(self) -> str:
        if "csp_nonce" not in g:
            g.csp_nonce = secrets.token_urlsafe(18)
        return str(g.csp_nonce)

    __html__ = __str__


def allowed_origins() -> frozenset[str]:
    """The origins in `LOCUST_WEB_CORS_ORIGINS`."""
    given = os.environ.get("LOCUST_WEB_CORS_ORIGINS", "")
    return frozenset(origin.strip().rstrip("/") for origin in given.split(",") if origin.strip())


def frame_ancestors() -> str:
    """The origins in `LOCUST_WEB_FRAME_ANCESTORS`, or `'none'`.

    Raises:
        ValueError: It contains something that is not an origin.
    """
    given = os.environ.get("LOCUST_WEB_FRAME_ANCESTORS", "").split()
    wrong = [part for part in given if not _ORIGIN.fullmatch(part)]
    if wrong:
        raise ValueError(
            f"LOCUST_WEB_FRAME_ANCESTORS: '{wrong[0]}' is not an origin; write it like https://portal.example"
        )
    return " ".join(given) or NOBODY


def register(app: Flask) -> None:
    """Installs the guards before the routes, and the response headers after them."""
    origins = allowed_origins()
    ancestors = frame_ancestors()

    @app.context_processor
    def offer_nonce() -> dict[str, Any]:
        return {"csp_nonce": _Nonce()}

    @app.before_request
    def refuse_other_sites() -> Response | None:
        if request.blueprint != "locust":
            return None  # a locustfile's route, which may be meant for other sites
        if (request.content_length or 0) > tunables.MAX_BODY_BYTES:
            return refuse(413, f"The body is larger than {tunables.MAX_BODY_BYTES} bytes")
        request.max_content_length = tunables.MAX_BODY_BYTES
        if request.method in SAFE_METHODS or not _is_cross_site(origins):
            return None
        return refuse(
            403,
            "Refused: a page of another site sent this request. If that page is yours, add its origin to "
            "LOCUST_WEB_CORS_ORIGINS; behind a reverse proxy, forward the Host or X-Forwarded-Host header.",
        )

    @app.after_request
    def add_headers(response: Response) -> Response:
        headers = response.headers
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("Referrer-Policy", "no-referrer")
        if "Cache-Control" not in headers:
            headers["Cache-Control"] = "no-store"
        if "Content-Security-Policy" not in headers:
            headers["Content-Security-Policy"] = _policy(response, ancestors)
        _add_cors(response, origins)
        return response


def _policy(response: Response, ancestors: str) -> str:
    if "csp_nonce" in g:
        # Login pages may lead anywhere: form-action also applies to the redirects that answer a form.
        form_action = "" if g.get("foreign_forms") else " form-action 'self';"
        return (
            f"default-src 'none'; script-src 'self' 'nonce-{g.csp_nonce}'; style-src 'self' 'unsafe-inline'; "
            f"img-src 'self' data: https:; font-src 'self'; connect-src 'self';{form_action} base-uri 'none'; "
            f"frame-ancestors {ancestors}"
        )
    if request.blueprint == "locust":
        # A report carries the hash of its script in a <meta> policy; pages of a custom build may run any script.
        kept_out = "object-src 'none'" if response.mimetype == "text/html" else "default-src 'none'"
        return f"{kept_out}; frame-ancestors {ancestors}"
    # Pages of a locustfile may show each other in frames.
    return "frame-ancestors 'self'" if ancestors == NOBODY else f"frame-ancestors 'self' {ancestors}"


def _is_cross_site(origins: frozenset[str]) -> bool:
    """Whether a browser says that a page of another origin sent this request.

    Other programs send neither header. Browsers send `Sec-Fetch-Site` to HTTPS and local addresses, and `Origin`
    with every request that is not a GET.
    """
    origin = request.headers.get("Origin")
    if origin in origins:
        return False
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site not in ("same-origin", "none")
    if origin is None:
        return False
    own = {request.headers.get("Host"), request.headers.get("X-Forwarded-Host")} - {None}
    try:
        host = urlsplit(origin).netloc
    except ValueError:
        return True
    return host not in {_without_default_port(name, origin) for name in own if name}


def _without_default_port(host: str, origin: str) -> str:
    return host.removesuffix(":443" if origin.startswith("https:") else ":80")


def _add_cors(response: Response, origins: frozenset[str]) -> None:
    origin = request.headers.get("Origin")
    if not origins or not origin or not ({origin, "*"} & origins):
        return
    response.headers["Access-Control-Allow-Origin"] = origin if origin in origins else "*"
    response.headers.add("Vary", "Origin")
    if request.method == "OPTIONS":
        response.headers["Access-Control-Allow-Methods"] = "GET, POST"
        response.headers["Access-Control-Allow-Headers"] = "Authorization, Content-Type"
