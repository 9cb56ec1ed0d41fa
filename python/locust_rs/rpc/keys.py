"""CURVE keys: creates and reads key files, one for the master and one for its workers.

A key file is a small JSON object. The master's file contains its key pair and the public keys it admits; the workers'
file contains their key pair and the master's public key. Both are secret, so only their owner may read them.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import zmq

from locust_rs.rpc.admission import CurveKeys

MASTER_FILE = "locust-master.key"
WORKER_FILE = "locust-worker.key"


def make_keys(folder: str | Path) -> tuple[Path, Path]:
    """Creates the key files of a master and of its workers (`locust-rs keys`).

    Args:
        folder: Where to write them; created if it is missing.

    Returns:
        The master's file and the workers' file.

    Raises:
        FileExistsError: A key file exists already; nothing was written.
        RuntimeError: The installed ZeroMQ does not support CURVE.
    """
    if not zmq.has("curve"):
        raise RuntimeError("The installed ZeroMQ library can't encrypt: install a pyzmq wheel from PyPI")
    directory = Path(folder)
    directory.mkdir(parents=True, exist_ok=True)
    master_file, worker_file = directory / MASTER_FILE, directory / WORKER_FILE
    for path in (master_file, worker_file):
        if path.exists():
            raise FileExistsError(f"{path} exists: remove it first, or name another folder")
    master_public, master_secret = (key.decode() for key in zmq.curve_keypair())
    worker_public, worker_secret = (key.decode() for key in zmq.curve_keypair())
    _write(master_file, {"public": master_public, "secret": master_secret, "admitted": [worker_public]})
    _write(worker_file, {"public": worker_public, "secret": worker_secret, "master": master_public})
    return master_file, worker_file


def read_keys(path: str | Path) -> CurveKeys:
    """Reads a key file.

    Raises:
        OSError: It can't be read.
        ValueError: It is not a valid key file; the message says what is wrong.
    """
    try:
        content: Any = json.loads(Path(path).read_text())
    except ValueError as error:
        raise ValueError(f"{path} is not a key file ({error}): make one with `locust-rs keys`") from error
    names = {"public", "secret"}
    if not isinstance(content, dict) or not names <= content.keys() or not {"admitted", "master"} & content.keys():
        raise ValueError(f"{path} is not a key file of a master or a worker: make one with `locust-rs keys`")
    keys = [content["public"], content["secret"], *content.get("admitted", [])]
    keys += [content["master"]] if "master" in content else []
    for key in keys:
        if not isinstance(key, str) or len(key) != 40 or not key.isascii():
            raise ValueError(f"{path} holds a damaged key: make the files again with `locust-rs keys`")
    return CurveKeys(
        public=content["public"].encode(),
        secret=content["secret"].encode(),
        master=content["master"].encode() if "master" in content else None,
        admitted=frozenset(key.encode() for key in content.get("admitted", [])),
    )


def _write(path: Path, content: dict[str, Any]) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(content, file, indent=2)
        file.write("\n")
