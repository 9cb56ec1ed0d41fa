"""Protects a UI that listens on a loopback address from DNS rebinding.

A site can point its own name at 127.0.0.1, and a browser then takes the UI for a part of that site. The name stays in
the `Host` header, so such a UI answers only to names that nobody else can use.
"""

from __future__ import annotations

import functools
import os
import socket
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import request

from locust_rs.web.errors import refuse
from locust_rs.web.server import is_loopback

if TYPE_CHECKING:
    from flask import Flask, Response

    from locust_rs.web.site import Site


def register(app: Flask, site: Site) -> None:
    """Installs the guard, before every other one and for all routes."""
    if not is_loopback(site.host):
        return
    named = _named_hosts(site)

    @app.before_request
    def refuse_foreign_names() -> Response | None:
        # Browsers always send the header.
        name = _name_in(request.headers.get("Host", "localhost"))
        if name in named or _is_local(name) or name in _names_of_this_machine():
            return None
        return refuse(
            403,
            f"Refused: this web UI listens on {site.host} and was called '{name[:100]}'. If that name is yours, allow "
            "it with --web-allow-host.",
        )


def _named_hosts(site: Site) -> frozenset[str]:
    """The names that the options allow; a UI without a command line reads the variable."""
    options = site.environment.parsed_options
    allowed = getattr(options, "web_allow_host", None)
    if allowed is None:
        allowed = os.environ.get("LOCUST_WEB_ALLOW_HOST", "").replace(",", " ").split()
    shown = getattr(options, "web_host_display_name", None)
    return frozenset(_name_in(name) for name in [*allowed, *([shown] if shown else [])])


def _name_in(host: str) -> str:
    """The name or address of a `Host` header, without its port; empty if it makes no sense."""
    try:
        return (urlsplit(f"//{host.strip()}").hostname or "").removesuffix(".")
    except ValueError:
        return ""


def _is_local(name: str) -> bool:
    # Browsers resolve names below `localhost` to this machine themselves.
    return is_loopback(name) or name.endswith(".localhost")


@functools.cache
def _names_of_this_machine() -> frozenset[str]:
    return frozenset(name.lower().removesuffix(".") for name in (socket.gethostname(), socket.getfqdn()))
