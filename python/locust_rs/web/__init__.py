"""The web UI: pages, routes, data and access. Public module `locust.web`.

Importing it is cheap: Flask and its extensions are imported when a `WebUI` is created.
"""

from locust_rs._reexports import provide_reexports
from locust_rs._tunables import publish
from locust_rs._tunables import web as _tunables_web
from locust_rs._tunables.web import DEFAULT_CACHE_TIME, HOST_IS_REQUIRED
from locust_rs.web.auth_types import AuthArgs, AuthProvider, CustomForm, InputField
from locust_rs.web.ui import WebUI, greenlet_exception_handler, logger

__all__ = [
    "DEFAULT_CACHE_TIME",
    "HOST_IS_REQUIRED",
    "AuthArgs",
    "AuthProvider",
    "CustomForm",
    "InputField",
    "WebUI",
    "greenlet_exception_handler",
    "logger",
]

publish(__name__, _tunables_web, ("DEFAULT_CACHE_TIME", "HOST_IS_REQUIRED"))

provide_reexports(__name__)
