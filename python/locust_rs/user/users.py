"""The kinds of users. Public module `locust.user.users`.

Classes that need `requests` or `pytest` are loaded on access.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from locust_rs._reexports import provide_reexports
from locust_rs.user.base import User, UserMeta, logger

if TYPE_CHECKING:
    from locust_rs.user.http import HttpUser as HttpUser
    from locust_rs.user.pytest_user import PytestUser as PytestUser
    from locust_rs.user.rest import RestMixin as RestMixin

_HOMES = {
    "HttpUser": "locust_rs.user.http",
    "PytestUser": "locust_rs.user.pytest_user",
    "RestMixin": "locust_rs.user.rest",
}

__all__ = ["HttpUser", "PytestUser", "RestMixin", "User", "UserMeta", "logger"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


provide_reexports(__name__)
