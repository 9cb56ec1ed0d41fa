"""PEP 517 backend: prepares the web UI and the distribution `locust`, and then calls maturin to pack them.

A checkout has the sources of the web UI (`web/`), so building from it needs Node. An sdist contains the built files
instead and does not need Node. A missing tool is reported before anything is compiled.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, NoReturn

import maturin

from locust_distribution import write_locust_distribution

ROOT = Path(__file__).resolve().parent.parent
WEB_SOURCES = ROOT / "web"
WEB_UI = ROOT / "python" / "locust_rs" / "webui" / "dist"
MIN_NODE = 20


def _stop(message: str) -> NoReturn:
    sys.exit(f"\nlocust-rs can't be built: {message}\n")


def _require_rust() -> None:
    if shutil.which("cargo") is None:
        _stop(
            "Rust's `cargo` was not found on PATH. Install Rust 1.88 or later "
            "(https://rustup.rs, or your distribution's `rustup` package) and run the command again."
        )


def _npm() -> str:
    npm = shutil.which("npm")
    node = shutil.which("node")
    if npm is None or node is None:
        _stop(
            f"the web UI needs Node.js {MIN_NODE} or later with npm, which was not found on PATH. "
            "Install it (https://nodejs.org) and run the command again. "
            "Wheels and sdists carry the built web UI and need no Node."
        )
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    if int(version.lstrip("v").split(".")[0]) < MIN_NODE:
        _stop(f"the web UI needs Node.js {MIN_NODE} or later; `node --version` says {version}.")
    return npm


def build_web_ui(*, force: bool = False) -> None:
    """Builds `web/` into `python/locust_rs/webui/dist`, unless that exists and `force` is off."""
    if (WEB_UI / "index.html").exists() and not force:
        return
    if not (WEB_SOURCES / "package.json").exists():
        _stop("neither the built web UI nor its sources (`web/`) are in this tree.")
    npm = _npm()
    print("locust-rs: building the web UI", flush=True)
    environment = {**os.environ, "CI": "true", "npm_config_fund": "false", "npm_config_audit": "false"}
    try:
        subprocess.run([npm, "ci", "--no-progress"], cwd=WEB_SOURCES, check=True, env=environment)
        subprocess.run([npm, "run", "build"], cwd=WEB_SOURCES, check=True, env=environment)
    except subprocess.CalledProcessError as error:
        _stop(f"`{' '.join(map(str, error.cmd))}` in web/ failed with exit code {error.returncode}.")
    if not (WEB_UI / "index.html").exists():
        _stop(f"the build of the web UI wrote no {WEB_UI.relative_to(ROOT)}/index.html.")


def _prepare() -> None:
    _require_rust()
    build_web_ui()
    write_locust_distribution()


def build_wheel(wheel_directory: str, config_settings: Any = None, metadata_directory: Any = None) -> str:
    """PEP 517 hook."""
    _prepare()
    return maturin.build_wheel(wheel_directory, config_settings, metadata_directory)


def build_editable(wheel_directory: str, config_settings: Any = None, metadata_directory: Any = None) -> str:
    """PEP 660 hook."""
    _prepare()
    return maturin.build_editable(wheel_directory, config_settings, metadata_directory)


def build_sdist(sdist_directory: str, config_settings: Any = None) -> str:
    """PEP 517 hook."""
    _prepare()
    return maturin.build_sdist(sdist_directory, config_settings)


def prepare_metadata_for_build_wheel(metadata_directory: str, config_settings: Any = None) -> str:
    """PEP 517 hook. maturin needs the folders that it will pack even here."""
    write_locust_distribution()
    return maturin.prepare_metadata_for_build_wheel(metadata_directory, config_settings)


get_requires_for_build_wheel = maturin.get_requires_for_build_wheel
get_requires_for_build_editable = maturin.get_requires_for_build_editable
get_requires_for_build_sdist = maturin.get_requires_for_build_sdist
prepare_metadata_for_build_editable = prepare_metadata_for_build_wheel


if __name__ == "__main__":
    build_web_ui(force="--force" in sys.argv)
