"""What a run was made with: parameters without secrets, machine, versions, git revision, hash of the locustfile."""

from __future__ import annotations

import hashlib
import os
import platform
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

from locust_rs._version import __version__, distribution_version
from locust_rs.history.revision import revision_of

if TYPE_CHECKING:
    from locust_rs.env import Environment

_SECRET = re.compile(
    r"passw|secret|token|api_?key|credential|cookie|auth|private|curve|tls_key|headers?$", re.IGNORECASE
)
"""Names of arguments whose values are not kept, in addition to those that the locustfile declares secret."""

_PLAIN = (str, int, float, bool, type(None))


def about_run(environment: Environment, secret: frozenset[str]) -> dict[str, Any]:
    """Parameters, machine, versions and sources of a run.

    Args:
        environment: That of the run.
        secret: Names of the arguments that are declared secret.
    """
    files = [Path(path) for path in environment.parsed_locustfiles or ()]
    return {
        "parameters": _parameters(environment, secret),
        "machine": {
            "host": platform.node(),
            # Not `platform.platform()`, which starts a process to ask for the processor.
            "system": f"{platform.system()} {platform.release()} {platform.machine()}",
            "cores": os.cpu_count() or 0,
            "python": platform.python_version(),
            "locust": __version__,
            "locust-rs": distribution_version,
        },
        "revision": revision_of(files[0].parent if files else Path.cwd()),
        "locustfiles": {path.name: _hash(path) for path in files},
        "process": os.getpid(),
    }


def without_credentials(url: str) -> str:
    """A URL without user name and password."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def shown_without_secrets(parameters: list[dict[str, str]]) -> list[dict[str, str]]:
    """The arguments of a locustfile as the report shows them, without those that are not kept."""
    kept = [shown for shown in parameters if not _SECRET.search(shown["name"])]
    return [{**shown, "value": _without_secrets(shown["value"])} for shown in kept]


def _parameters(environment: Environment, secret: frozenset[str]) -> dict[str, Any]:
    options = vars(environment.parsed_options) if environment.parsed_options is not None else {}
    return {
        name: _without_secrets(value)
        for name, value in sorted(options.items())
        if name not in secret and not _SECRET.search(name) and _is_plain(value)
    }


def _without_secrets(value: Any) -> Any:
    return without_credentials(value) if isinstance(value, str) and "://" in value else value


def _is_plain(value: Any) -> bool:
    return isinstance(value, _PLAIN) or (isinstance(value, list) and all(isinstance(one, _PLAIN) for one in value))


def _hash(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""
