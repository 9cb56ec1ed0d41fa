"""What a session was like when its settings were read, to be compared natively before every request."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from requests.auth import HTTPBasicAuth
from requests.structures import CaseInsensitiveDict

from locust_rs import _core
from locust_rs.http.common import tls_origins
from locust_rs.http.requests.untouched import ORIGINALS

if TYPE_CHECKING:
    from locust_rs.http.requests.session import HttpSession

_SETTINGS = (
    "headers", "auth", "verify", "cert", "base_url", "cookies", "request_event", "trust_env", "stream", "params",
    "hooks", "proxies",
)  # fmt: skip
_PER_REQUEST = frozenset(["request_name", "explicit_name"])
"""Attributes that requests read or write themselves."""

_urllib3_log: Any = logging.getLogger("urllib3.connectionpool")


def is_logging() -> bool:
    """Whether urllib3 would log requests, which the engine does not."""
    return bool(_urllib3_log.isEnabledFor(logging.DEBUG))


def snapshot_of(session: HttpSession) -> _core.Snapshot | None:
    """Everything that decides about a session's requests beside their own keywords and the cookies.

    Returns:
        None for a session whose parts are of unusual kinds, which have to be compared one by one.
    """
    names = vars(session)
    # A property of a subclass may say something else each time.
    if any(name not in names or getattr(session, name) is not names[name] for name in _SETTINGS):
        return None
    headers: Any = session.headers
    hooks, auth, adapters = names["hooks"], names["auth"], names.get("adapters", {})
    dicts = [names, hooks, names["params"], names["proxies"], adapters, vars(_urllib3_log), _urllib3_log._cache]
    if type(headers) is not CaseInsensitiveDict or not all(isinstance(each, dict) for each in dicts):
        return None
    lists = [*hooks.values(), tls_origins.VERSION]
    if not all(isinstance(each, list) for each in lists):
        return None
    if type(auth) is HTTPBasicAuth:
        dicts.append(vars(auth))
    attributes: list[tuple[Any, str]] = [
        (headers, "_store"), (type(session), "request"), (type(session), "_send_request_safe_mode"),
        *((adapter, "max_retries") for adapter in adapters.values() if hasattr(adapter, "max_retries")),
    ]  # fmt: skip
    dicts.append(headers._store)  # type: ignore[attr-defined]  # requests' stubs leave it out
    return _core.Snapshot(ORIGINALS.watch, ORIGINALS.version, dicts, lists, attributes, _PER_REQUEST)
