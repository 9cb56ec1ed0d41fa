"""What a Content-Type says about the text."""

from __future__ import annotations

from functools import lru_cache

from requests.utils import get_encoding_from_headers


@lru_cache(maxsize=256)
def declared_encoding(content_type: str | None) -> str | None:
    """The encoding of a text with this Content-Type by requests' rules; None: it does not say."""
    if content_type is None:
        return None
    return get_encoding_from_headers({"content-type": content_type})
