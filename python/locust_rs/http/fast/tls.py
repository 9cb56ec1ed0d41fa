"""TLS settings of `FastHttpSession` on geventhttpclient."""

from __future__ import annotations

import ssl
from typing import Any

import gevent.ssl


def insecure_ssl_context_factory(*_args: Any, **_kwargs: Any) -> Any:
    """A TLS context that accepts any certificate."""
    context = gevent.ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
