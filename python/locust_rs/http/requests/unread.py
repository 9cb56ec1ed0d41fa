"""The body of a streamed response while nobody has asked for more than its pieces.

It takes apart what is well-formed. Whatever else comes (a malformed chunk, an extension or a trailer, the end or an
error before the body is whole) is left where it is: `urllib3`, which reads on from there, raises what is to be raised.
"""

from __future__ import annotations

import io
from typing import Any

from locust_rs._core import HttpResponse as NativeResponse
from locust_rs.http.engine import errors
from locust_rs.http.requests.failures import ENGINE_FAILURES

_PIECE = 65536
"""Most bytes that are received at once."""

_SIZE_LINE = 20
"""A line with the size of a chunk is shorter, unless it has an extension."""


class UnreadBody:
    """What is left of a body, and how far it was read.

    Args:
        body: The native response, of which only the body is used.
    """

    __slots__ = ("_at", "_data", "_error", "body", "count", "ended", "is_chunked", "is_plain", "left", "was_read")

    def __init__(self, body: NativeResponse) -> None:
        self.body = body
        coding, length = body.header("transfer-encoding"), body.header("content-length")
        self.is_chunked = coding is not None
        self.is_plain = (
            body.header("content-encoding") is None
            and (coding is None or (coding == "chunked" and length is None and body.http_version == "1.1"))
            and (length is None or (length.isascii() and length.isdigit()))
            and body.method != "HEAD"
            and body.status_code >= 200
            and body.status_code not in (204, 304)
        )
        self.left = int(length) if self.is_plain and length is not None else None
        """Bytes to come of the chunk that was begun, or of the body; None: no chunk was begun, or nobody knows."""
        self.count = 0
        """Bytes of an unchunked body that were read."""
        self.ended = False
        """Whether it was read to its end or closed."""
        self.was_read = False
        """Whether some of it was given away, so that urllib3 cannot keep the whole."""
        self._data, self._at = b"", 0
        self._error: Exception | None = None

    def piece(self, amount: int | None) -> bytes | None:
        """The next piece, of at most `amount` bytes; None: the end, or something to be left to urllib3."""
        return self._of_chunks(amount) if self.is_chunked else self._of_bytes(amount)

    def close(self) -> None:
        """Gives up what is left."""
        self.ended = True
        self.body.close()

    def receive(self, size: int = _PIECE) -> bytes:
        """Receives as `socket.recv` does: b"" at the end.

        Raises:
            OSError: What the socket would have raised.
        """
        if self._at < len(self._data):
            data = self._data[self._at : self._at + size]
            self._at += len(data)
            return data
        error = self._error
        if error is None:
            try:
                return self.body.read(size, False)
            except ENGINE_FAILURES as failure:
                error = failure
        self._error = error
        if isinstance(error, errors.ServerClosed):
            return b""
        if isinstance(error, errors.NetworkTimeout):
            raise TimeoutError("timed out")
        raise error

    def _of_chunks(self, amount: int | None) -> bytes | None:
        left = self.left
        if left is None:
            left = self.left = self._begin_chunk()
            if left is None:
                return None
        if amount is not None and amount < left:
            if not self._has(amount):
                return None
            self.left = left - amount
            return self._take(amount)
        # The line end is waited for, too, as urllib3 does.
        if not self._has(left + 2):
            return None
        self.left = None
        piece = self._take(left)
        self._at += 2
        return piece

    def _begin_chunk(self) -> int | None:
        """Reads the size of the next chunk; None: the end, or something to be left to urllib3."""
        while (end := self._data.find(b"\r\n", self._at)) < 0:
            came = len(self._data) - self._at
            if came > _SIZE_LINE or not self._has(came + 1):
                return None
        try:
            size = int(self._data[self._at : end], 16)
        except ValueError:
            return None
        line = end + 2 - self._at
        if size == 0 and self._has(line + 2) and self._data[self._at + line :].startswith(b"\r\n"):
            self.close()
        if size <= 0:
            return None
        self._at += line
        return size

    def _of_bytes(self, amount: int | None) -> bytes | None:
        left = self.left
        if left is None:
            return None if amount is None else self._until_close(amount)
        wanted = left if amount is None or amount > left else amount
        if not self._has(wanted):
            return None
        piece = self._take(wanted)
        self.left = left - wanted
        self.count += wanted
        if self.left == 0:
            self.close()
        return piece or None

    def _until_close(self, amount: int) -> bytes | None:
        if not self._has(amount):
            if self._error is not None and not isinstance(self._error, errors.ServerClosed):
                return None
            amount = len(self._data) - self._at
        piece = self._take(amount)
        self.count += amount
        if not piece:
            self.close()
        return piece or None

    def _take(self, size: int) -> bytes:
        start = self._at
        self._at = start + size
        if start == 0 and size == len(self._data):
            return self._data
        return self._data[start : self._at]

    def _has(self, size: int) -> bool:
        """Whether so many bytes come."""
        missing = size - (len(self._data) - self._at)
        if missing <= 0:
            return True
        parts, self._at = [self._data[self._at :]], 0
        self._data = b""
        try:
            while missing > 0 and self._error is None and (part := self.receive()):
                parts.append(part)
                missing -= len(part)
        except ENGINE_FAILURES:
            pass  # kept for those who read on
        self._data = b"".join(parts)
        return missing <= 0


class BodyFile(io.RawIOBase):
    """A body in the place of a socket's file, which http.client reads.

    Args:
        unread: What is left of the body.
    """

    def __init__(self, unread: UnreadBody) -> None:
        self._unread = unread

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Reads what one reception gives."""
        data = self._unread.receive(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        """Gives up what is left of the body."""
        if not self.closed:
            self._unread.close()
        super().close()
