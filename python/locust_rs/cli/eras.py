"""Recognises locustfiles and command lines from before Locust 1.0, or with what 1.x deprecated.

`locust_rs.legacy` makes them run. It is imported here, when one asks for it, and nothing else knows of it: with
other files every name is as stock Locust has it, and one that looks for an old name finds none.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from locust_rs.cli.old_forms import uses_old_forms

OLD_OPTIONS = {"--no-web", "-c", "--clients", "-n", "--num-request", "--num-requests", "--hatch-rate"}
"""Options that no release since 1.0 knows. `--slave` has an answer of its own there, and keeps it."""

# Nearly every file passes this without being parsed.
_HINT = re.compile(
    r"\b(?:(?:Http|FastHttp|Stop)?Locust|core|request_success|request_failure|locust_error|hatch_complete|"
    r"slave_report|locust_start_hatching|locust_stop_hatching|EventHook|schedule_task|web\.app)\b|"
    r"\blocust\.events\b|\bevents\.\w+\s*[-+]="
)
_IMPORT = re.compile(r"^[ \t]*(?:from|import)[ \t]+\.*([\w.]+)", re.MULTILINE)


def prepare(locustfiles: list[str]) -> bool:
    """Loads what the files, and those that they import from beside them, need of earlier eras.

    Args:
        locustfiles: The files that are about to be imported.

    Returns:
        Whether they need something.
    """
    if not any(_is_of_old_times(text) for text in _sources(locustfiles)):
        return False
    from locust_rs import legacy

    legacy.install()
    return True


def prepare_command_line(arguments: list[str], old_files: bool) -> None:
    """Lets the parser understand options of earlier eras, if they are used or may be.

    Called behind the import of the locustfiles, whose own options come first.

    Args:
        arguments: The command line.
        old_files: What `prepare` returned.
    """
    if old_files or any(argument.partition("=")[0] in OLD_OPTIONS for argument in arguments):
        from locust_rs.legacy import options

        options.install(slaves=old_files)


def _is_of_old_times(text: str) -> bool:
    if _HINT.search(text) is None:
        return False
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return False  # importing it will tell
    return uses_old_forms(tree)


def _sources(locustfiles: list[str]) -> Iterator[str]:
    """The text of the files, and of the modules of their folders that they import, directly or not."""
    waiting = [Path(name) for name in locustfiles]
    seen: set[Path] = set()
    while waiting:
        path = waiting.pop()
        if path.is_dir():
            path = path / "__init__.py"
        if path in seen:
            continue
        seen.add(path)
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, ValueError):
            continue
        yield text
        for found in _IMPORT.finditer(text):
            below = found[1].replace(".", "/")
            candidates = [path.parent / f"{below}.py", path.parent / below / "__init__.py"]
            waiting += [candidate for candidate in candidates if candidate.is_file()]
