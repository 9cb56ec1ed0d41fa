"""The reference environments that `make references` installs beside the package."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def reference_python(name: str) -> Path:
    """The interpreter of a reference environment: `2.47.0`, `2.44.4` (stock Locust) or `httpbin`.

    A missing one is an error, not a skip: a comparison that silently does not run proves nothing.
    """
    python = ROOT / ".stock" / name / "bin" / "python"
    if not python.exists():
        pytest.fail(f"{python.relative_to(ROOT)} is missing: run `make references` first")
    return python
