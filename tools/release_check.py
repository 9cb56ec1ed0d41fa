"""Does all of a release but publishing it, into `dist/`, and says what it could not do: `make release-check`.

Builds the sdist and the wheels for Linux, looks at what is in them, and installs the one for this machine in empty
environments, without Rust and Node on PATH.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import zipfile
from collections.abc import Callable
from pathlib import Path

from audit import OutOfReach, last_line

ROOT = Path(__file__).resolve().parents[1]
DIST = ROOT / "dist"
BIN = Path(sys.executable).parent
PATIENCE_S = 3600
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]

LINUX_WHEELS = {
    "x86_64-unknown-linux-gnu": "manylinux_2_17",
    "x86_64-unknown-linux-musl": "musllinux_1_2",
    "aarch64-unknown-linux-gnu": "manylinux_2_17",
    "aarch64-unknown-linux-musl": "musllinux_1_2",
}
"""Target → platform tag; zig links against the C library of that tag. The first is the one that can run here."""

IN_BOTH = ("locust_rs/webui/dist/index.html", "LICENSE", "THIRD-PARTY-LICENSES.txt")

NEEDS_OTHERS = {
    "wheels for macOS and Windows": "they are built where they run, by .github/workflows/release.yml",
    "wheels for arm64 and musl at work": "the release workflow runs tools/smoke.py on such machines",
    "provenance and publishing": "both need the identity that GitHub gives the release workflow",
    "the commits of pinned actions": "nothing here can ask GitHub which releases they are",
}


class Failed(Exception):
    """A check did not hold; the message says how."""


def run(*command: str | Path, path: str = "", cwd: Path = ROOT) -> str:
    """What a command says that must succeed.

    Args:
        path: Its PATH; this environment's tools come first unless it is given.
    """
    environment = {**os.environ, "PATH": path or os.pathsep.join([str(BIN), os.environ["PATH"]])}
    environment.pop("VIRTUAL_ENV", None)
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=PATIENCE_S)
    if done.returncode:
        raise Failed(f"{' '.join(map(str, command))}\n{done.stdout[-4000:]}{done.stderr[-4000:]}")
    return done.stdout + done.stderr


def licenses() -> None:
    """THIRD-PARTY-LICENSES.txt names what is bundled."""
    run(sys.executable, "tools/third_party_licenses.py", "--check")


def sdist() -> None:
    """An sdist with the built web UI, from which a wheel is built without Node."""
    run("maturin", "sdist", "--out", DIST)
    with tarfile.open(next(DIST.glob("*.tar.gz"))) as archive:
        require_names(archive.getnames(), (*IN_BOTH, "tools/build_backend.py", "tools/locust_distribution.py"))


def require_names(names: list[str], endings: tuple[str, ...]) -> None:
    """Fails unless each ending is that of a name."""
    lacking = [ending for ending in endings if not any(name.endswith(ending) for name in names)]
    if lacking:
        raise Failed(f"{', '.join(lacking)} is not in it")


def wheel(target: str, tag: str) -> None:
    """A wheel for a target, with its licences, its SBOM and the distribution `locust`, and with the tag it claims."""
    installed = subprocess.run(["rustup", "target", "add", target], capture_output=True, text=True)
    if installed.returncode:
        raise OutOfReach(f"Rust's library for {target} can't be installed: {last_line(installed.stderr)}")
    options = ["--release", "--locked", "--zig", "--target", target, "--compatibility", tag]
    run("maturin", "build", *options, "--out", DIST)
    made = wheel_of(target)
    with zipfile.ZipFile(made) as archive:
        sboms = (".cyclonedx.json", "locust_rs/_core.abi3.so", f"/{locust_metadata()}")
        require_names(archive.namelist(), (*IN_BOTH, *sboms))
    if target != HERE:
        # auditwheel looks for the libraries of the wheel's own system; maturin has compared symbols with the tag.
        return
    shown = " ".join(run("auditwheel", "show", made).split())
    if f'"{tag}_{target.partition("-")[0]}"' not in shown:
        raise Failed(f"auditwheel does not agree with {made.name}: {shown}")


def wheel_of(target: str) -> Path:
    """The wheel in `dist/` for a target."""
    libc = "musllinux" if target.endswith("musl") else "manylinux"
    return next(DIST.glob(f"*{libc}*_{target.partition('-')[0]}.whl"))


def locust_metadata() -> str:
    """Path of the metadata of the distribution `locust`."""
    version = re.search(r'^__version__ = "(.+)"$', (ROOT / "python/locust_rs/_version.py").read_text(), re.MULTILINE)
    return f"locust-{version[1] if version else ''}.dist-info/METADATA"


def tools_only(folder: Path) -> str:
    """A PATH with Python, uv and the shell's commands, and without Rust and Node."""
    there = folder / "only"
    there.mkdir()
    for name, source in {"python3": Path(sys._base_executable).resolve(), "uv": BIN / "uv", "uvx": BIN / "uvx"}.items():  # type: ignore[attr-defined]
        (there / name).symlink_to(source)
    for name in ("sh", "env", "uname", "ldd", "cat", "rm", "dirname", "realpath"):
        if found := shutil.which(name):
            (there / name).symlink_to(found)
    return str(there)


def installers() -> None:
    """`pip install`, `uv tool install`, `uvx` and `pipx` from the built wheel; the smoke test in each."""
    made = wheel_of(HERE)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = tools_only(folder)
        for way in (with_pip, with_uv_tool, with_uvx, with_pipx):
            home = folder / way.__name__
            home.mkdir()
            bin_folder = way(made, home, path)
            run("python3", ROOT / "tools/smoke.py", path=os.pathsep.join([str(bin_folder), path]), cwd=home)
            print(
                f"               {way.__name__[5:].replace('_', ' ')}: installed, and its smoke test is good",
                flush=True,
            )


def with_pip(made: Path, home: Path, path: str) -> Path:
    """An empty environment."""
    run("python3", "-m", "venv", home / "venv", path=path)
    run(home / "venv/bin/pip", "install", "--quiet", made, path=path)
    return home / "venv/bin"


def with_uv_tool(made: Path, home: Path, path: str) -> Path:
    """`uv tool install`."""
    places = [f"UV_TOOL_DIR={home}/tools", f"UV_TOOL_BIN_DIR={home}/bin"]
    run("env", *places, "uv", "tool", "install", "--quiet", "--python", "python3", made, path=path)
    return home / "bin"


def with_uvx(made: Path, home: Path, path: str) -> Path:
    """`uvx --from`: commands that call it each time."""
    (home / "bin").mkdir()
    for command in ("locust", "locust-rs"):
        script = home / "bin" / command
        script.write_text(f'#!/bin/sh\nexec uvx --quiet --python python3 --from "{made}" {command} "$@"\n')
        script.chmod(0o755)
    return home / "bin"


def with_pipx(made: Path, home: Path, path: str) -> Path:
    """`pipx install`."""
    run("python3", "-m", "venv", home / "pipx", path=path)
    run(home / "pipx/bin/pip", "install", "--quiet", "pipx", path=path)
    places = [f"PIPX_HOME={home}/home", f"PIPX_BIN_DIR={home}/bin", f"PIPX_MAN_DIR={home}/man"]
    run("env", *places, home / "pipx/bin/pipx", "install", "--quiet", made, path=path)
    return home / "bin"


def without_the_engine() -> None:
    """What the job on Windows runs, with requests and geventhttpclient in place of the engine."""
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        path = tools_only(home)
        commands = with_uv_tool(wheel_of(HERE), home, path)
        script = ROOT / "tools/smoke.py"
        run("python3", script, "--engine", "off", path=os.pathsep.join([str(commands), path]), cwd=home)


def extras() -> None:
    """Every extra can be installed and `locust` starts with it."""
    made = wheel_of(HERE)
    for extra in PROJECT["optional-dependencies"]:
        run("uvx", "--quiet", "--python", sys.executable, "--from", f"{made}[{extra}]", "locust", "-V")


def description() -> None:
    """The package index would show the README."""
    run("uvx", "--quiet", "twine", "check", "--strict", *DIST.glob("*.whl"), *DIST.glob("*.tar.gz"))


def workflows() -> None:
    """The workflows are valid, and give away no more than they must."""
    files = sorted((ROOT / ".github/workflows").glob("*.yml"))
    run("check-jsonschema", "--builtin-schema", "vendor.github-workflows", *files)
    run("zizmor", "--offline", "--quiet", *files)


def lists() -> None:
    """Checksums of everything, and an SBOM of the web UI beside those of the crates in the wheels."""
    sbom = run("npm", "sbom", "--sbom-format", "cyclonedx", "--omit", "dev", "--package-lock-only", cwd=ROOT / "web")
    (DIST / "web-ui.cyclonedx.json").write_text(sbom, "utf-8")
    files = sorted(path for path in DIST.iterdir() if path.name != "SHA256SUMS")
    sums = "".join(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in files)
    (DIST / "SHA256SUMS").write_text(sums, "utf-8")


def wheels(target: str) -> Callable[[], None]:
    """The check of the wheel for a target."""
    return lambda: wheel(target, LINUX_WHEELS[target])


HERE, *ELSEWHERE = LINUX_WHEELS

CHECKS: dict[str, Callable[[], None]] = {
    "workflows": workflows,
    "licences of bundled crates and npm packages": licenses,
    "sdist": sdist,
    f"wheel for {HERE}": wheels(HERE),
    "installation by pip, uv tool, uvx and pipx": installers,
    "the way of Windows, without the engine": without_the_engine,
    "every extra": extras,
    **{f"wheel for {target}": wheels(target) for target in ELSEWHERE},
    "description for a package index": description,
    "checksums and SBOM": lists,
}


def main() -> int:
    """Carries out every check and prints a line for each; returns how many failed."""
    shutil.rmtree(DIST, ignore_errors=True)
    DIST.mkdir()
    failed = 0
    for name, check in CHECKS.items():
        try:
            check()
            print(f"good           {name}", flush=True)
        except OutOfReach as reason:
            print(f"not done       {name}: {reason}", flush=True)
        except Failed as reason:
            failed += 1
            print(f"FAILED         {name}: {reason}", flush=True)
    for name, reason in NEEDS_OTHERS.items():
        print(f"not done       {name}: {reason}")
    return failed


if __name__ == "__main__":
    sys.exit(main())
