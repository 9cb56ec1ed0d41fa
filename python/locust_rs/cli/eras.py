"""Recognizes locustfiles and command lines that use forms from before Locust 1.0, or that 1.x deprecated.

`locust_rs.legacy` makes them run. Only this module imports it, and only when a file or command line needs it. With
other files all names are those of stock Locust: `hasattr(events, "request_success")` is false.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from locust_rs.cli.old_forms import uses_old_forms

OLD_OPTIONS = {"--no-web", "-c", "--clients", "-n", "--num-request", "--num-requests", "--hatch-rate"}
"""Options that stock Locust does not recognize. It refuses `--slave` with a message; that stays."""

# Parsing takes milliseconds; this spares nearly every file of it.
_HINT = re.compile(
    r"\b(?:(?:Http|FastHttp|Stop)?Locust|core|request_success|request_failure|locust_error|hatch_complete|"
    r"slave_report|locust_start_hatching|locust_stop_hatching|EventHook|schedule_task|web\.app)\b|"
    r"\blocust\.events\b|\bevents\.\w+\s*[-+]="
)
_IMPORT = re.compile(r"^[ \t]*(?:from|import)[ \t]+\.*([\w.]+)", re.MULTILINE)


def prepare(locustfiles: list[str]) -> bool:
    """Loads the old API if the files, or modules in their folders that they import, use it.

    Args:
        locustfiles: The files that are about to be imported.

    Returns:
        Whether it was loaded.
    """
    if not any(_uses_old_forms(text) for text in _sources(locustfiles)):
        return False
    from locust_rs import legacy

    legacy.install()
    return True


def prepare_command_line(arguments: list[str], old_files: bool) -> None:
    """Adds the old options to the parser if the files use the old API or the command line uses such an option.

    Must be called after the locustfiles were imported, because their own options take precedence.

    Args:
        arguments: The command line.
        old_files: What `prepare` returned.
    """
    if old_files or any(argument.partition("=")[0] in OLD_OPTIONS for argument in arguments):
        from locust_rs.legacy import options

        options.install(slaves=old_files)


def _uses_old_forms(text: str) -> bool:
    if _HINT.search(text) is None:
        return False
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return False  # importing the file reports it
    return uses_old_forms(tree)


def _sources(locustfiles: list[str]) -> Iterator[str]:
    """The text of the files, and of the modules in their folders that they import, directly or indirectly."""
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
