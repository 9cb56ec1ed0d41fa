"""Finds the files of a directory tree."""

from __future__ import annotations

import os


def get_abspaths_in(path: str, extension: str | None = None) -> list[str]:
    """Absolute paths of all files under `path`, except those whose name starts with `_`.

    Args:
        path: A directory; the result is empty if it does not exist.
        extension: The required ending of the names, such as `.py`; None: any.
    """
    return [
        os.path.abspath(os.path.join(folder, name))
        for folder, _, names in os.walk(path)
        for name in names
        if name.endswith(extension or "") and not name.startswith("_")
    ]
