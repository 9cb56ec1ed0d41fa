"""Cookies: the client keeps those that responses set; of the others those stay that may matter."""

from __future__ import annotations

import re

from locust_rs.convert.model import Journey, Request

_TRACKERS = re.compile(
    r"_ga|_gid|_gat|_gcl_|_fbp|_fbc|__utm|_hj|_pk_|_uet|ajs_|amplitude|mp_|optimizely|intercom-|_clck|_clsk|_dc_gtm"
    r"|OptanonConsent|OptanonAlertBoxClosed|CookieConsent|__cf_bm|cf_clearance|_dd_s|_scid|_tt_|_pin_|hubspotutk|__hs"
)
"""How the names of cookies begin that measure people and are nothing to the service."""


def settle_cookies(journey: Journey) -> None:
    """Takes the Cookie headers away; what no response has set, a user has from the beginning."""
    from_responses: set[str] = set()
    for request in journey.requests:
        for name, value in _sent(request):
            if name not in from_responses and not (journey.recorded and _TRACKERS.match(name)):
                journey.cookies.setdefault(name, value)
        request.drop_header("Cookie")
        if request.response is not None:
            from_responses |= {name for name, _ in set_cookies(request.response.headers)}


def set_cookies(headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Names and values of the cookies that a response sets."""
    lines = [line for name, value in headers if name.lower() == "set-cookie" for line in value.split("\n")]
    pairs = [line.partition(";")[0].partition("=") for line in lines]
    return [(name.strip(), value.strip()) for name, _, value in pairs if name.strip()]


def _sent(request: Request) -> list[tuple[str, str]]:
    pairs = [
        pair.partition("=")
        for name, value in request.headers
        if name.lower() == "cookie"
        for pair in value.split(";")
        if pair.strip()
    ]
    return [(name.strip(), value.strip()) for name, _, value in pairs]
