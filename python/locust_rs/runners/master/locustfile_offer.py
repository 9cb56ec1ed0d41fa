"""The locustfiles that a master sends to workers that were started with `-f -`.

Stock workers get what they understand: single files and URLs. locust-rs workers also get the modules in the
locustfiles' folders, so that `from common import …` works there.
"""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import Any

logger = logging.getLogger("locust.runners")

MAX_PACKAGE_BYTES = 8 * 1024 * 1024
"""Limit of all files of an offer together."""

_SKIPPED_FOLDERS = {"__pycache__", "node_modules", "site-packages", "venv", "env", "build", "dist"}


def make_offer(
    parsed_options: Any, parsed_locustfiles: list[str] | None = None, *, with_package: bool = False
) -> dict[str, Any]:
    """The data of a `locustfile` message.

    Args:
        parsed_options: The master's options.
        parsed_locustfiles: The paths and URLs of its locustfiles; None: those of the options.
        with_package: Whether the worker can use the modules beside the locustfiles.

    Returns:
        `{"locustfiles": [{"filename", "contents"} or URL, …]}`; where asked for, files also have `"modules":
        [{"path", "contents"}, …]`, with paths relative to the file's folder. Or `{"error": text}`.
    """
    named = getattr(parsed_options, "locustfile", None) or ""
    sources = parsed_locustfiles or [part.strip() for part in named.split(",") if part.strip()]
    if not sources or named == "-":
        return {"error": "The master has no locustfile to send: start it with -f and a file or folder"}
    locustfiles: list[Any] = []
    room = MAX_PACKAGE_BYTES
    for source in sources:
        if source.startswith(("http://", "https://")):
            locustfiles.append(source)
            continue
        path = Path(source)
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            try:
                entry: dict[str, Any] = {"filename": file.name, "contents": file.read_text()}
            except (OSError, UnicodeDecodeError) as error:
                return {"error": f"The master can't read its locustfile {file}: {error}"}
            if with_package:
                entry["modules"] = _modules_beside(file, room)
                room -= sum(len(module["contents"]) for module in entry["modules"])
            locustfiles.append(entry)
    return {"locustfiles": locustfiles}


def _modules_beside(locustfile: Path, room: int) -> list[dict[str, str]]:
    """The other Python files in a locustfile's folder; an empty list if they exceed `room` characters."""
    folder = Path(os.path.abspath(locustfile)).parent
    modules: list[dict[str, str]] = []
    size = 0
    for file in sorted(folder.rglob("*.py")):
        relative = file.relative_to(folder)
        if any(part in _SKIPPED_FOLDERS or part.startswith(".") for part in relative.parts[:-1]):
            continue
        if relative.name == locustfile.name and len(relative.parts) == 1:
            continue
        try:
            text = file.read_text()
        except (OSError, UnicodeDecodeError):
            continue
        size += len(text)
        if size > room:
            logger.warning(
                f"The modules beside {locustfile} exceed {MAX_PACKAGE_BYTES} bytes: workers get only the "
                "locustfile. Move it into a folder of its own"
            )
            return []
        modules.append({"path": relative.as_posix(), "contents": text})
    if modules:
        names = ", ".join(module["path"] for module in modules[:20])
        logger.info(f"Sending {len(modules)} modules ({size} bytes) with {locustfile.name} to a worker: {names}")
    return modules
