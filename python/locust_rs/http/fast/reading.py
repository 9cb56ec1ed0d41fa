"""Reading a response: text, JSON and pieces, whichever client has received it."""

from __future__ import annotations

import codecs
import json as jsonlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from locust_rs.exception import LocustError
from locust_rs.http.common import marking
from locust_rs.http.common.encoding import declared_encoding

if TYPE_CHECKING:
    from geventhttpclient.header import Headers


class Reading:
    """Text, JSON and pieces of a response; the body comes from the class it is mixed into."""

    encoding: str | float | None = None
    """Of the text; found out when the text is first read, unless it was set before."""

    headers: Headers | None
    content: Any
    status_code: int
    read: Any

    @property
    def text(self) -> str | None:
        """The body as text, decoded as its header says, or as it looks like; None if it looks like no text."""
        content = self.content
        if content is None:
            return None
        if self.encoding is None:
            self.encoding = declared_encoding(self._content_type()) or _apparent_encoding(content)
            if self.encoding is None:
                return None
        return str(content, str(self.encoding), errors="replace")

    def _content_type(self) -> str | None:
        content_type: Any = self.headers.get("content-type") if self.headers is not None else None
        return content_type if isinstance(content_type, str) or content_type is None else str(content_type[0])

    def json(self) -> dict:  # type: ignore[type-arg]
        """The parsed body.

        Raises:
            json.JSONDecodeError: It is not JSON.
        """
        parsed: dict = jsonlib.loads(self.text)  # type: ignore[arg-type,type-arg]
        return parsed

    def raise_for_status(self) -> None:
        """Raises LocustBadStatusCode if the status counts as a failure."""
        error = getattr(self, "error", None)
        if error is not None:
            raise error

    def iter_content(self, chunk_size: int = 1024, decode_content: bool = True) -> Iterator[str | bytes]:
        """Reads the body in pieces; useful with `stream=True`.

        Args:
            chunk_size: Most bytes of a piece.
            decode_content: Pieces are text (UTF-8), and not bytes.
        """
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        while chunk := self.read(chunk_size):
            if not decode_content:
                yield bytes(chunk)
            elif text := decoder.decode(chunk):
                yield text
        if decode_content and (rest := decoder.decode(b"", final=True)):
            yield rest

    @property
    def ok(self) -> bool:
        """Whether the status is below 400."""
        return self.status_code < 400

    def success(self) -> None:
        """Only for responses of requests made with `catch_response=True`."""
        raise LocustError(marking.MARKED_WITHOUT_CATCH)

    def failure(self, *_args: Any, **_kwargs: Any) -> None:
        """Only for responses of requests made with `catch_response=True`."""
        raise LocustError(marking.MARKED_WITHOUT_CATCH)


def _apparent_encoding(content: bytes) -> str | None:
    from charset_normalizer import detect  # slow to import, and seldom needed

    encoding: Any = detect(content)["encoding"]
    return encoding  # type: ignore[no-any-return]
