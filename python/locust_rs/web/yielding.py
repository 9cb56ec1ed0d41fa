"""Routes that stock Locust does not have give way to those of a locustfile with the same path."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from flask import request

if TYPE_CHECKING:
    from locust_rs.web.site import Site


def yielding(site: Site, view: Callable[[], Any]) -> Callable[[], Any]:
    """A view that calls the locustfile's instead, if it has one: ours was added first, so Flask would never do so."""

    def either() -> Any:
        return (_of_the_locustfile(site) or view)()

    either.__name__ = view.__name__
    return either


def _of_the_locustfile(site: Site) -> Any:
    for rule in site.app.url_map.iter_rules():
        if rule.rule == request.path and rule.endpoint != request.endpoint and "GET" in (rule.methods or ()):
            return site.app.view_functions[rule.endpoint]
    return None
