"""`Response.raw` of a streamed response on the engine: a `urllib3.HTTPResponse` above one of http.client.

Most of these are only asked for their pieces. So the parts of the real thing are made when something else of it is
touched.
"""

from __future__ import annotations

import io
from collections.abc import Generator
from http.client import HTTPMessage
from http.client import HTTPResponse as StandardResponse
from typing import Any

from urllib3 import HTTPHeaderDict, HTTPResponse

from locust_rs._core import HttpResponse as NativeResponse
from locust_rs.http.requests.failures import Place
from locust_rs.http.requests.unread import BodyFile, UnreadBody


class StreamedBody(HTTPResponse):
    """Becomes a `urllib3.HTTPResponse` as soon as anything but `stream` and `close` is used.

    Args:
        body: The native response that the body belongs to.
        retries: urllib3's `Retry` after this response.
        proxy: The URL of the proxy in between.
    """

    _unread: UnreadBody

    def __init__(self, body: NativeResponse, retries: Any, proxy: str | None) -> None:
        self.__dict__.update(_unread=UnreadBody(body), _made_with=(retries, proxy))

    def __getattr__(self, name: str) -> Any:
        self._become_real()
        return getattr(self, name)

    def __setattr__(self, name: str, value: Any) -> None:
        self._become_real()
        setattr(self, name, value)

    def stream(self, amt: int | None = 2**16, decode_content: bool | None = None) -> Generator[bytes]:
        """The pieces of the body, as urllib3 cuts them."""
        if amt == 0:
            return
        wanted = None if amt is not None and amt < 0 else amt
        unread: UnreadBody | None = self.__dict__.get("_unread")
        if unread is not None and unread.is_plain:
            begun = False
            try:
                while "_unread" in self.__dict__ and not unread.ended:
                    piece = unread.piece(wanted)
                    if piece is None:
                        break
                    begun = unread.was_read = True
                    yield piece
                else:
                    if begun and unread.is_chunked and self.closed:
                        self._read_closed(wanted)
            except GeneratorExit:
                if unread.is_chunked:  # otherwise urllib3 leaves it open
                    self.close()
                raise
            except BaseException:
                self.close()
                raise
            if "_unread" in self.__dict__ and unread.ended:
                return
        yield from HTTPResponse.stream(self, amt, decode_content)

    def read(self, amt: int | None = None, decode_content: bool | None = None, cache_content: bool = False) -> bytes:
        """Reads all, or as many bytes as are asked for unless the body ends before."""
        unread: UnreadBody | None = self.__dict__.get("_unread")
        if unread is not None and unread.is_plain and not (unread.is_chunked or amt == 0 or cache_content):
            try:
                piece = None if unread.ended else unread.piece(None if amt is not None and amt < 0 else amt)
            except BaseException:
                self.close()
                raise
            if piece is not None or unread.ended:
                unread.was_read = True
                return piece or b""
        return HTTPResponse.read(self, amt, decode_content, cache_content)

    def close(self) -> None:
        """Gives up what is left of the body."""
        unread = self.__dict__.get("_unread")
        if unread is None:
            HTTPResponse.close(self)
        else:
            unread.close()

    def release_conn(self) -> None:
        """Lets go of the connection, which the engine takes back by itself."""
        if "_unread" not in self.__dict__:
            HTTPResponse.release_conn(self)

    @property
    def closed(self) -> bool:
        """Whether the body was read to its end or closed."""
        unread = self.__dict__.get("_unread")
        return bool(HTTPResponse.closed.__get__(self)) if unread is None else unread.ended

    def _read_closed(self, amount: int | None) -> None:
        """Reads on in chunks after the body was closed, which urllib3 does not expect."""
        with self._error_catcher():
            self._update_chunk_length()
            self._handle_chunk(amount)

    def _become_real(self) -> None:
        """Makes the parts, in the state that the reading has reached."""
        unread: UnreadBody = self.__dict__.pop("_unread")
        retries, proxy = self.__dict__.pop("_made_with")
        object.__setattr__(self, "__class__", HTTPResponse)
        body = unread.body
        place = Place(body.url, None, proxy)
        connection: Any = place.connection
        connection.sock = _BodySocket(unread)
        pool: Any = place.pool
        pool.pool.get_nowait()  # it makes room for one connection, which this is
        original = _standard_response(unread, connection.sock)
        HTTPResponse.__init__(
            self,
            body=original,
            headers=HTTPHeaderDict(original.msg.items()),
            status=original.status,
            version=original.version,
            version_string=f"HTTP/{body.http_version}",
            reason=original.reason,
            preload_content=False,
            decode_content=False,
            original_response=original,
            pool=pool,
            connection=connection,
            retries=retries,
            request_method=body.method,
            request_url=place.target,
        )
        self._fp_bytes_read = unread.count
        self._uncached_read_occurred = unread.was_read
        if unread.is_chunked:
            self.chunk_left = unread.left
        elif self.length_remaining is not None:
            self.length_remaining -= unread.count
        if unread.ended:
            original.close()
            self._connection = None


class _BodySocket:
    """The socket of the connection, as far as a reader sees it."""

    def __init__(self, unread: UnreadBody) -> None:
        self._unread = unread

    def makefile(self, _mode: str) -> io.BufferedReader:
        """The file that http.client reads."""
        return io.BufferedReader(BodyFile(self._unread))

    def getpeername(self) -> Any:
        """The server's address."""
        return self._unread.body.remote_address

    def getsockname(self) -> Any:
        """The own address."""
        return self._unread.body.local_address

    def close(self) -> None:
        """Nothing to do: the engine closes its connections."""


def _standard_response(unread: UnreadBody, socket: Any) -> Any:
    """The response as http.client has it behind the header."""
    body = unread.body
    original: Any = StandardResponse(socket, method=body.method)
    message = HTTPMessage()
    for name, value in body.header_list:
        message[name] = value
    original.headers = original.msg = message
    original.version = 10 if body.http_version == "1.0" else 11
    original.status = original.code = body.status_code
    original.reason = body.reason
    original.chunked = message.get("transfer-encoding", "").lower() == "chunked"
    original.chunk_left = None
    original.length = None if original.chunked else _length(message.get("content-length"))
    if body.status_code in (204, 304) or body.status_code < 200 or body.method == "HEAD":
        original.length = 0
    elif original.length is not None:
        original.length -= unread.count
    original.will_close = original._check_close() or not (original.chunked or original.length is not None)
    if original.length == 0:
        original._close_conn()
    return original


def _length(announced: str | None) -> int | None:
    """A Content-Length as http.client understands it."""
    try:
        length = int(announced or "")
    except ValueError:
        return None
    return length if length >= 0 else None


# Users see one class, whether anything was touched or not.
StreamedBody.__name__ = StreamedBody.__qualname__ = HTTPResponse.__name__
StreamedBody.__module__ = HTTPResponse.__module__
