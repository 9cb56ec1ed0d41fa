"""Fetches locustfiles from a worker's master or from a URL.

Each file is written under its base name to a folder that only this user may read, and is removed at exit.
"""

from __future__ import annotations

import atexit
import os
import shutil
import socket
import sys
import tempfile
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

from locust_rs.exception import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ANSWER_WITHIN_S = 300
"""How long to keep asking a master that does not answer."""

ASK_EVERY_S = 1

DOWNLOAD_TIMEOUT_S = 30
"""Limit of the time to connect to a web server, and of each pause of the transfer."""

LARGEST_BYTES = 16 * 1024 * 1024
"""Locustfiles larger than this are refused."""


def exit_handler(filename: str) -> None:
    """Removes a downloaded file and the private folder around it."""
    shutil.rmtree(os.path.dirname(filename), ignore_errors=True)


def download_locustfile_from_url(url: str) -> str:
    """Downloads a Python file and returns the path of the copy.

    Raises:
        ConfigurationError: The download failed, or the response is not Python code.
    """
    import requests

    try:
        with requests.get(url, stream=True, timeout=DOWNLOAD_TIMEOUT_S) as response:
            content = b""
            for chunk in response.iter_content(64 * 1024):
                content += chunk
                if len(content) > LARGEST_BYTES:
                    raise ValueError(f"it is larger than {LARGEST_BYTES} bytes")
            status = response.status_code
    except (requests.RequestException, ValueError) as error:
        raise ConfigurationError(f"Failed to get locustfile from: {url}. Exception: {error}") from error
    text = content.decode("utf-8", errors="replace")
    if status >= 400:
        raise ConfigurationError(f"Failed to get locustfile from: {url}. The server answered with status {status}.")
    try:
        compile(text, url, "exec", dont_inherit=True)
    except (SyntaxError, ValueError) as error:
        raise ConfigurationError(
            f"Failed to get locustfile from: {url}. Response was not valid python code: {text[:100]!r}"
        ) from error
    name = url.partition("?")[0].partition("#")[0].rstrip("/").rpartition("/")[2]
    return _keep(name if name.endswith(".py") else f"{name}.py", text)


def download_locustfile_from_master(
    master_host: str, master_port: int, curve_key: str | None = None
) -> list[str | dict[str, Any]]:
    """Asks the master repeatedly until it sends its locustfiles.

    Args:
        master_host: Its name or address.
        master_port: Its port for workers.
        curve_key: This worker's key file, if the connection is encrypted.

    Returns:
        For each source `{"filename": …, "contents": …}`, or a URL.

    Raises:
        ConfigurationError: The master refuses or does not answer.
    """
    from locust_rs._version import __version__
    from locust_rs.rpc import Message, zmqrpc
    from locust_rs.rpc.keys import read_keys
    from locust_rs.rpc.protocol import LOCUST_RS_PEER

    identity = f"{socket.gethostname()}_download_locustfile_{uuid.uuid4().hex}"
    try:
        keys = read_keys(curve_key) if curve_key else None
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"Could not read --curve-key: {error}") from error
    client = zmqrpc.Client(master_host, master_port, identity, keys)
    sys.stderr.write("Waiting to connect to master to receive locustfile...\n")
    try:
        answer = _ask(client, Message("locustfile", {"version": __version__, "peer": LOCUST_RS_PEER}, identity))
    finally:
        client.close()
    if answer is None:
        raise ConfigurationError(
            f"The master at {master_host}:{master_port} did not send its locustfile within {ANSWER_WITHIN_S} s. "
            "Check --master-host and --master-port, and that it runs."
        )
    if answer.get("error"):
        raise ConfigurationError(f"Got error from master: {answer['error']}")
    # Masters of Locust 2.23 to 2.30 send a single file.
    sources = answer.get("locustfiles") or [answer]
    return list(sources)


def _ask(client: Any, question: Any) -> Mapping[str, Any] | None:
    import gevent

    told = ""
    for _ in range(int(ANSWER_WITHIN_S / ASK_EVERY_S)):
        client.send(question)
        with gevent.Timeout(ASK_EVERY_S, False):  # type: ignore[arg-type]  # its stubs lack `False`
            while True:
                answer = client.recv()
                if answer.type == "locustfile" and isinstance(answer.data, dict):
                    data: dict[str, Any] = answer.data
                    return data
        problem = client.why_unconnected()
        if problem and problem != told:
            sys.stderr.write(f"Can't connect to the master: {problem}\n")
        told = problem
    return None


def received_locustfiles(sources: Sequence[str | Mapping[str, Any]]) -> list[str]:
    """Writes the files that a master sent, downloads its URLs, and returns the paths."""
    return [
        download_locustfile_from_url(source)
        if isinstance(source, str)
        else _keep(source["filename"], source["contents"], source.get("modules", ()))
        for source in sources
    ]


def _keep(name: str, text: str, modules: Sequence[Mapping[str, str]] = ()) -> str:
    # The name comes from another machine, so only its last part is used.
    base_name = os.path.basename(name.replace("\\", "/")) or "locustfile.py"
    path = Path(tempfile.mkdtemp(prefix="locust_")) / base_name
    path.write_text(text, encoding="utf-8")
    for module in modules:
        _keep_module(path.parent, module["path"], module["contents"])
    atexit.register(exit_handler, str(path))
    return str(path)


def _keep_module(folder: Path, relative: str, text: str) -> None:
    """Writes a module that the locustfile imports, unless its path is outside `folder`."""
    path = (folder / relative).resolve()
    if path.suffix == ".py" and path.is_relative_to(folder.resolve()) and not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
