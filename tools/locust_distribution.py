"""The distribution `locust` in a locust-rs wheel, for packages that require a distribution of that name.

Plug-ins require `locust`, which locust-rs provides under another distribution name. So the wheel installs a second
`locust-<version>.dist-info`, from its `.data/purelib`, whose files belong to locust-rs: installers take the
requirement as met, and uninstalling locust-rs removes it. It has no RECORD, which tells installers that it is not
theirs to uninstall or upgrade.

maturin copies the folder that `tool.maturin.data` names; this file writes that folder.
"""

from __future__ import annotations

import re
import shutil
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


def write_locust_distribution(root: Path = ROOT) -> Path:
    """Replaces the dist-info folder and returns it.

    Args:
        root: The project's folder, a checkout's or an unpacked sdist's.
    """
    settings = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))
    data = root / settings["tool"]["maturin"]["data"]
    shutil.rmtree(data, ignore_errors=True)
    folder = data / "purelib" / f"locust-{_version(root)}.dist-info"
    folder.mkdir(parents=True)
    for name, content in _files(settings["project"], _version(root)).items():
        (folder / name).write_text(content, "utf-8")
    return folder


def _version(root: Path) -> str:
    """The Locust release that is implemented; read as text, because importing the package patches the library."""
    found = re.search(
        r'^__version__ = "(.+)"$', (root / "python/locust_rs/_version.py").read_text("utf-8"), re.MULTILINE
    )
    if found is None:
        raise ValueError('python/locust_rs/_version.py has no line `__version__ = "…"`')
    return found[1]


def _files(project: dict[str, Any], version: str) -> dict[str, str]:
    return {
        "METADATA": _metadata(project, version),
        # uv takes a distribution without one for broken.
        "WHEEL": f"Wheel-Version: 1.0\nGenerator: {project['name']}\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        # pip names it where it refuses to uninstall.
        "INSTALLER": f"{project['name']}\n",
        # `importlib.metadata.packages_distributions()` reads it if there is no RECORD.
        "top_level.txt": "locust\npytest_locust\n",
        "entry_points.txt": _entry_points(project),
    }


def _metadata(project: dict[str, Any], version: str) -> str:
    """Core metadata.

    The extras are those of locust-rs, with the same packages. locust-rs itself is not a requirement, because resolvers
    would look it up in an index, which a wheel from a folder need not be in.
    """
    lines = [
        "Metadata-Version: 2.1",
        "Name: locust",
        f"Version: {version}",
        f"Summary: Locust's modules and command, provided by {project['name']} {project['version']}",
        f"License: {project['license']}",
        f"Requires-Python: {project['requires-python']}",
    ]
    for extra, requirements in project["optional-dependencies"].items():
        lines.append(f"Provides-Extra: {extra}")
        lines += [f"Requires-Dist: {requirement}; extra == '{extra}'" for requirement in requirements]
    return "\n".join([*lines, ""])


def _entry_points(project: dict[str, Any]) -> str:
    # Installers make commands from those of locust-rs alone; these are for programs that ask who provides `locust`.
    return f"""\
[console_scripts]
locust = locust.main:main

[pytest11]
locust = {project["entry-points"]["pytest11"]["locust"]}
"""


if __name__ == "__main__":
    write_locust_distribution()
