"""The name and password from the environment variables that protect the UI."""

from __future__ import annotations

import hmac
import logging
import os
from dataclasses import dataclass, field

logger = logging.getLogger("locust.web")


@dataclass(frozen=True)
class Credentials:
    """The one name and password that are accepted."""

    name: str
    password: str = field(repr=False)

    def match(self, name: str | None, password: str | None) -> bool:
        """Whether both are right. Takes the same time wherever they differ."""
        name_is_right = hmac.compare_digest((name or "").encode(), self.name.encode())
        password_is_right = hmac.compare_digest((password or "").encode(), self.password.encode())
        return name_is_right & password_is_right


def credentials_from_environment() -> Credentials | None:
    """`LOCUST_USER_NAME` and `LOCUST_PASSWORD`; None unless both are set."""
    name, password = os.environ.get("LOCUST_USER_NAME"), os.environ.get("LOCUST_PASSWORD")
    if name and password:
        return Credentials(name, password)
    if name or password:
        given, missing = ("LOCUST_USER_NAME", "LOCUST_PASSWORD") if name else ("LOCUST_PASSWORD", "LOCUST_USER_NAME")
        logger.warning(f"{given} is set without {missing}: the web UI is not protected by it. Set both, or neither.")
    return None
