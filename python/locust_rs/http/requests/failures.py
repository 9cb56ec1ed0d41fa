"""The engine's exceptions as those that requests would have raised, with the same text and the same chain."""

from __future__ import annotations

import http.client
import re
import socket
import ssl
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

from requests import exceptions
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3 import exceptions as urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection

from locust_rs.http.engine import errors

_STATUS = re.compile(r"\s*[1-9][0-9][0-9](\s|$)")

ENGINE_FAILURES = (OSError, errors.ProtocolError, errors.DecodingError)
"""What a request through the engine raises when it fails (`ValueError`: a mistake in the call)."""


def translated(error: Any, url: str, timeout: Any, request: Any) -> exceptions.RequestException:
    """The exception of requests for one of the engine.

    Args:
        url: Of the request that failed.
        timeout: As the user gave it.
        request: The prepared request, for the exception to carry.
    """
    parts = urlsplit(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    where = _Where(parts.scheme, parts.hostname or "", parts.port, target, timeout)
    wrapped = _wrapped(error, where)
    # requests does not say what request it was whose body broke off.
    wrapped.request = request if getattr(error, "response", None) is None else None
    # Carried over, so that the failed request is reported with the time that the engine has measured.
    wrapped.engine_error = error  # type: ignore[attr-defined]
    return wrapped


class _Where:
    """The pool and connection that urllib3's messages name; nothing is connected."""

    def __init__(self, scheme: str, host: str, port: int | None, target: str, timeout: Any) -> None:
        is_https = scheme == "https"
        self.host = host
        self.target = target
        self.pool = (HTTPSConnectionPool if is_https else HTTPConnectionPool)(host, port or (443 if is_https else 80))
        self.connection = (HTTPSConnection if is_https else HTTPConnection)(host, self.pool.port)
        self.connect_timeout, self.read_timeout = timeout if isinstance(timeout, tuple) else (timeout, timeout)


def _wrapped(error: Any, where: _Where) -> exceptions.RequestException:
    partial: Any = getattr(error, "response", None)
    if isinstance(error, errors.ConnectTimeout):
        reason = urllib3.ConnectTimeoutError(
            where.connection,
            f"Connection to {where.host} timed out. (connect timeout={where.connect_timeout})",
        )
        return _retries_exceeded(exceptions.ConnectTimeout, reason, TimeoutError("timed out"), where)
    if isinstance(error, errors.NetworkTimeout):
        text = f"Read timed out. (read timeout={where.read_timeout})"
        if partial is not None:
            inner = urllib3.ReadTimeoutError(where.pool, None, "Read timed out.")
            return _chained(exceptions.ConnectionError(inner), inner, TimeoutError("timed out"))
        inner = urllib3.ReadTimeoutError(where.pool, where.target, text)
        return _chained(exceptions.ReadTimeout(inner), inner, TimeoutError("timed out"))
    if isinstance(error, socket.gaierror):
        unresolved = urllib3.NameResolutionError(where.host, where.connection, error)
        return _retries_exceeded(exceptions.ConnectionError, unresolved, error, where)
    if isinstance(error, ssl.SSLError):
        failed = urllib3.SSLError(error)
        return _retries_exceeded(exceptions.SSLError, failed, error, where)
    if isinstance(error, errors.DecodingError):
        coding = partial.header("content-encoding")
        undecoded = urllib3.DecodeError(
            f"Received response with content-encoding: {coding}, but failed to decode it.", error
        )
        return _chained(exceptions.ContentDecodingError(undecoded), undecoded)
    if isinstance(error, OSError) and getattr(error, "phase", "") == "connect":
        refused = urllib3.NewConnectionError(where.connection, f"Failed to establish a new connection: {error}")
        return _retries_exceeded(exceptions.ConnectionError, refused, error, where)
    return _aborted(error)


def _aborted(error: Any) -> exceptions.RequestException:
    """The connection broke, or what came over it is no HTTP."""
    inner: Exception = error
    partial = getattr(error, "response", None)
    if partial is not None:
        if isinstance(error, (errors.ServerClosed, ConnectionResetError)):
            inner = _incomplete_read(partial)
        broken = urllib3.ProtocolError(f"Connection broken: {inner!r}", inner)
        return _chained(exceptions.ChunkedEncodingError(broken), broken, inner)
    if isinstance(error, errors.ServerClosed):
        nothing_came = "without sending" in str(error)
        text = "Remote end closed connection without response" if nothing_came else str(error)
        inner = http.client.RemoteDisconnected(text)
    elif isinstance(error, errors.ProtocolError):
        inner = _no_status_line(error)
    aborted = urllib3.ProtocolError("Connection aborted.", inner)
    return _chained(exceptions.ConnectionError(aborted), aborted, inner)


def _no_status_line(error: errors.ProtocolError) -> Exception:
    """What http.client says about a response that does not begin as one of HTTP/1.x does."""
    line = error.status_line
    if line is None:
        return http.client.BadStatusLine(str(error))
    version, _, rest = line.partition(" ")
    if version.startswith("HTTP/") and not version.startswith("HTTP/1.") and _STATUS.match(rest):
        return http.client.UnknownProtocol(version)
    return http.client.BadStatusLine(line)


def _incomplete_read(response: Any) -> Exception:
    """What of a response has come, and what was announced."""
    came = len(response.raw_content)
    announced = response.header("content-length")
    if announced is None or not announced.isdecimal():
        return http.client.IncompleteRead(response.raw_content)
    return urllib3.IncompleteRead(came, int(announced) - came)


def _retries_exceeded(
    kind: type[exceptions.RequestException], reason: Exception, cause: Exception, where: _Where
) -> exceptions.RequestException:
    exceeded = urllib3.MaxRetryError(where.pool, where.target, reason)
    return _chained(kind(exceeded), exceeded, reason, cause)


def _chained(*links: Any) -> exceptions.RequestException:
    """Links exceptions as if each had been raised while the next was handled."""
    for outer, inner in pairwise(links):
        outer.__context__ = inner
    first: exceptions.RequestException = links[0]
    return first
