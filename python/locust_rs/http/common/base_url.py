"""The base URL of a session: credentials out of it, paths onto it."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import unquote, urlparse, urlunparse

absolute_http_url_regexp = re.compile(r"^https?://", re.IGNORECASE)


@lru_cache(maxsize=256)
def split_credentials(base_url: str) -> tuple[str, tuple[str, str] | None]:
    """Takes `user:password@` out of a URL.

    Returns:
        The URL without credentials and the decoded (user, password), or the URL as it was and None when it does
        not name both.
    """
    parsed = urlparse(base_url)
    if not (parsed.username and parsed.password):
        return base_url, None
    host = parsed.netloc.rpartition("@")[2]
    without = urlunparse((parsed.scheme, host, parsed.path, parsed.params, parsed.query, parsed.fragment))
    return without, (unquote(parsed.username), unquote(parsed.password))


def join(base_url: str | None, path: str) -> str:
    """An absolute URL as it is, anything else behind the base URL, character by character."""
    is_path = type(path) is str and path.startswith("/")
    if not is_path and absolute_http_url_regexp.match(path):
        return path
    return f"{base_url}{path}"
