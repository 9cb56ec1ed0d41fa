"""What a master sends to workers that were started with `-f -`.

Stock workers get what they understand: single files and URLs. Our own workers also get the modules that lie
beside the locustfiles, so that `from common import …` works there.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

logger = logging.getLogger("locust.runners")

MAX_PACKAGE_BYTES = 8 * 1024 * 1024
"""All files of an offer together."""

_SKIPPED_FOLDERS = {"__pycache__", "node_modules", "site-packages", "venv", "env", "build", "dist"}


def make_offer(
    parsed_options: Any, parsed_locustfiles: list[str] | None = None, *, with_package: bool = False
) -> dict[str, Any]:
    """The data of a `locustfile` message.

    Args:
        parsed_options: The master's options.
        parsed_locustfiles: The paths and URLs of its locustfiles; None: what the options say.
        with_package: Whether the worker can use the modules beside them.

    Returns:
        `{"locustfiles": [{"filename", "contents"} or URL, …]}`, with `"package": [{"path", "contents"}, …]` where
        asked for; or `{"error": text}`.
    """
    named = getattr(parsed_options, "locustfile", None) or ""
    sources = parsed_locustfiles or [part.strip() for part in named.split(",") if part.strip()]
    if not sources or named == "-":
        return {"error": "The master has no locustfile to send: start it with -f and a file or folder"}
    locustfiles: list[Any] = []
    paths: list[Path] = []
    for source in sources:
        if source.startswith(("http://", "https://")):
            locustfiles.append(source)
            continue
        path = Path(source)
        found = sorted(path.rglob("*.py")) if path.is_dir() else [path]
        try:
            locustfiles += [{"filename": file.name, "contents": file.read_text()} for file in found]
        except (OSError, UnicodeDecodeError) as error:
            return {"error": f"The master can't read its locustfile {path}: {error}"}
        paths += found
    offer: dict[str, Any] = {"locustfiles": locustfiles}
    if with_package:
        package = _modules_beside(paths)
        if package:
            offer["package"] = package
    return offer


def _modules_beside(locustfiles: list[Path]) -> list[dict[str, str]]:
    """The Python files under the folders of `locustfiles`, with paths relative to these folders."""
    package: dict[str, str] = {}
    size = 0
    for folder in dict.fromkeys(path.resolve().parent for path in locustfiles):
        for file in sorted(folder.rglob("*.py")):
            relative = file.relative_to(folder)
            if any(part in _SKIPPED_FOLDERS or part.startswith(".") for part in relative.parts[:-1]):
                continue
            try:
                text = file.read_text()
            except (OSError, UnicodeDecodeError):
                continue
            size += len(text)
            if size > MAX_PACKAGE_BYTES:
                logger.warning(
                    f"The modules under {folder} have more than {MAX_PACKAGE_BYTES} bytes: workers get the "
                    "locustfiles alone. Move the locustfile into a folder of its own"
                )
                return []
            package[relative.as_posix()] = text
    if len(package) > len(locustfiles):
        logger.info(f"Sending {len(package)} modules ({size} bytes) to a worker: {', '.join(sorted(package)[:20])}")
    return [{"path": path, "contents": text} for path, text in package.items()]
