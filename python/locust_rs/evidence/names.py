"""Which names are those of secrets."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import unquote_plus

HEADERS = frozenset(["authorization", "proxy-authorization", "cookie", "set-cookie", "cookie2", "set-cookie2"])
"""Headers whose values are secret as a whole."""

_PARTS = re.compile(
    r"passw|passphrase|passcode|pwd|secret|token|credential|cookie|(api|access|private|auth|secret|encryption)[^a-z]?key"
    r"|sess(ion)?[^a-z]?id|authorization|signature",
    re.IGNORECASE,
)
"""What makes a name secret wherever in it this stands."""

_WORDS = frozenset(
    ["auth", "bearer", "csrf", "cvc", "cvv", "jwt", "otp", "pass", "pin", "session", "sid", "sig", "ssn", "xsrf"]
)
"""What makes a name secret as a word of its own: `auth`, not `author`."""

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


@lru_cache(maxsize=4096)
def is_secret(name: str) -> bool:
    """Whether what has this name is a secret: `password`, `apiKey`, `X-Auth-Token`, `user%5Bpwd%5D`, …"""
    plain = unquote_plus(name)
    return _PARTS.search(plain) is not None or any(word.lower() in _WORDS for word in _WORD.findall(plain))


@lru_cache(maxsize=4096)
def plain_name(name: str) -> str:
    """A name in the form in which names of rules are compared: in lower case, and with `_` in place of `-`."""
    return unquote_plus(name).strip().lower().replace("-", "_")
