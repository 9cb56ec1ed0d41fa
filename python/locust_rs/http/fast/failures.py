"""The engine's exceptions as those that users of geventhttpclient know."""

from __future__ import annotations

import zlib

from gevent import Timeout
from geventhttpclient._parser import HTTPParseError
from geventhttpclient.response import HTTPConnectionClosed

from locust_rs.http.engine import errors

ENGINE_FAILURES = (OSError, errors.ProtocolError, errors.DecodingError, Timeout)
"""What a request through the engine raises when it fails (`ValueError`: a mistake in the call).

A `gevent.Timeout` that strikes during a request makes it fail, as with geventhttpclient.
"""


def translated(error: BaseException) -> Exception:
    """The exception that geventhttpclient would have raised; it carries the engine's times and phase."""
    known: Exception
    if isinstance(error, (errors.ConnectTimeout, errors.NetworkTimeout)):
        known = TimeoutError("timed out")
    elif isinstance(error, errors.ServerClosed):
        nothing_came = "without sending" in str(error)
        known = HTTPConnectionClosed("connection closed.") if nothing_came else HTTPParseError("Incomplete response.")
    elif isinstance(error, ConnectionResetError) and getattr(error, "phase", "") == "receive":
        known = HTTPConnectionClosed("connection closed.")
    elif isinstance(error, errors.DecodingError):
        known = zlib.error(str(error))
    elif isinstance(error, errors.ProtocolError):
        known = HTTPParseError(str(error))
    else:
        return error  # type: ignore[return-value]
    known.__cause__ = error
    return known
