"""What protects the browser's user: headers of answers, and the refusal of other sites' requests.

`LOCUST_WEB_CORS_ORIGINS`: origins (comma separated) whose pages may read and steer the UI; `*` lets every page
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
    """The script nonce of one answer; made when a template asks for it, so that only such pages get the policy."""

    def __str__(self) -> str:
        if "csp_nonce" not in g:
            g.csp_nonce = secrets.token_urlsafe(18)
        return str(g.csp_nonce)

    __html__ = __str__


def allowed_origins() -> frozenset[str]:
    """What `LOCUST_WEB_CORS_ORIGINS` names."""
    given = os.environ.get("LOCUST_WEB_CORS_ORIGINS", "")
    return frozenset(origin.strip().rstrip("/") for origin in given.split(",") if origin.strip())


def frame_ancestors() -> str:
    """The origins of `LOCUST_WEB_FRAME_ANCESTORS`, or nobody.

    Raises:
        ValueError: When it names anything but origins.
    """
    given = os.environ.get("LOCUST_WEB_FRAME_ANCESTORS", "").split()
    wrong = [part for part in given if not _ORIGIN.fullmatch(part)]
    if wrong:
        raise ValueError(f"LOCUST_WEB_FRAME_ANCESTORS: '{wrong[0]}' is no origin such as https://portal.example")
    return " ".join(given) or NOBODY


def register(app: Flask) -> None:
    """Installs the guards in front of the routes and the headers behind them."""
    origins = allowed_origins()
    ancestors = frame_ancestors()

    @app.context_processor
    def offer_nonce() -> dict[str, Any]:
        return {"csp_nonce": _Nonce()}

    @app.before_request
    def refuse_other_sites() -> Response | None:
        if request.blueprint != "locust":
            return None  # somebody's own route, which may be meant for other sites
        if (request.content_length or 0) > tunables.MAX_BODY_BYTES:
            return refuse(413, f"The body is larger than {tunables.MAX_BODY_BYTES} bytes")
        request.max_content_length = tunables.MAX_BODY_BYTES
        if request.method in SAFE_METHODS or not _is_cross_site(origins):
            return None
        return refuse(
            403,
            "Refused: another site's page asked for this. If that page is yours, name its origin in "
            "LOCUST_WEB_CORS_ORIGINS; behind a reverse proxy, pass the Host or X-Forwarded-Host header on.",
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
        # Login pages may lead anywhere: a form's policy also applies to where its answer redirects.
        form_action = "" if g.get("foreign_forms") else " form-action 'self';"
        return (
            f"default-src 'none'; script-src 'self' 'nonce-{g.csp_nonce}'; style-src 'self' 'unsafe-inline'; "
            f"img-src 'self' data: https:; font-src 'self'; connect-src 'self';{form_action} base-uri 'none'; "
            f"frame-ancestors {ancestors}"
        )
    if request.blueprint == "locust":
        # A report brings the hash of its script in a <meta> policy; pages of another build run what they like.
        kept_out = "object-src 'none'" if response.mimetype == "text/html" else "default-src 'none'"
        return f"{kept_out}; frame-ancestors {ancestors}"
    # Pages of a locustfile may hold each other in frames.
    return "frame-ancestors 'self'" if ancestors == NOBODY else f"frame-ancestors 'self' {ancestors}"


def _is_cross_site(origins: frozenset[str]) -> bool:
    """Whether a browser says that a page of another origin sent this request.

    Programs send neither header. Browsers send `Sec-Fetch-Site` to HTTPS and local addresses, and `Origin` with
    every request that isn't a GET.
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
