"""requests' `verify` and `cert` as the engine's TLS settings."""

from __future__ import annotations

import os
from functools import lru_cache
from typing import Any

from requests.utils import DEFAULT_CA_BUNDLE_PATH, extract_zipped_paths

from locust_rs import _core


def settings(verify: Any, cert: Any) -> _core.HttpTls | None:
    """The engine's settings, shared by all sessions with the same ones; None: only requests can serve these.

    Args:
        verify: True (requests' bundle), False, or the path of a bundle.
        cert: None, the path of a certificate with its key, or a pair of paths.
    """
    if not isinstance(verify, (bool, str)) or not (cert is None or isinstance(cert, (str, tuple))):
        return None
    try:
        return _settings(verify, cert)
    except (OSError, ValueError):
        return None  # requests has a message of its own for files that are missing or no good


@lru_cache(maxsize=64)
def _settings(verify: bool | str, cert: Any) -> _core.HttpTls | None:
    ca_file: str | None = None
    if verify:
        ca_file = str(verify)
        if verify is True:
            ca_file = str(extract_zipped_paths(DEFAULT_CA_BUNDLE_PATH))  # type: ignore[no-untyped-call]
        if os.path.isdir(ca_file):
            return None
    cert_file, key_file = cert if isinstance(cert, tuple) else (cert, None)
    return _core.HttpTls(verify=bool(verify), ca_file=ca_file, cert_file=cert_file, key_file=key_file)
