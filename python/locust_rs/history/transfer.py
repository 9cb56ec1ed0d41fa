"""A run as a file of its own, to hand on or to keep beside the code: JSON, compressed if its name ends in `.gz`."""

from __future__ import annotations

import gzip
import json
from dataclasses import asdict
from pathlib import Path

from locust_rs.history.errors import HistoryError
from locust_rs.history.model import KeptRun, Run
from locust_rs.history.rows import pack, unpack
from locust_rs.util.files import write_file

FORMAT = "locust-rs run"
VERSION = 1


def export_run(kept: KeptRun, path: Path) -> None:
    """Writes a run to a file.

    Raises:
        OSError: It cannot be written.
    """
    run = {name: value for name, value in asdict(kept.run).items() if name != "number"}
    rows = [pack(row).hex() for row in kept.rows]
    text = json.dumps({"format": FORMAT, "version": VERSION, "run": run, "rows": rows, "parts": kept.parts})
    if path.suffix == ".gz":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(gzip.compress(text.encode(), mtime=0))
    else:
        write_file(path, text)


def import_run(path: Path) -> KeptRun:
    """Reads a run from a file.

    Raises:
        HistoryError: It is missing, damaged, or of a later release.
    """
    try:
        content = path.read_bytes()
        document = json.loads(gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content)
        if not isinstance(document, dict) or document.get("format") != FORMAT:
            raise HistoryError(f"{path} is no exported run. 'locust-rs runs export' writes one")
        if document["version"] > VERSION:
            raise HistoryError(f"{path} was written by a later release of locust-rs: update locust-rs")
        rows = [unpack(bytes.fromhex(row)) for row in document["rows"]]
        return KeptRun(Run(**document["run"]), rows, dict(document.get("parts", {})))
    except OSError as error:
        raise HistoryError(f"{path} cannot be read: {error.strerror or error}") from None
    except (ValueError, TypeError, KeyError, EOFError) as error:
        if isinstance(error, HistoryError):
            raise
        raise HistoryError(f"{path} is damaged ({error}). Export the run again") from None
