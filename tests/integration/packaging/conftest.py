"""A wheel of this tree, built once, empty environments into which pip and uv install it, and the container image."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib import metadata
from pathlib import Path

import pytest

from image.containers import Pod
from image.root_file_system import Builder, make_base, missing

ROOT = Path(__file__).resolve().parents[3]
TOOLS = str(Path(sys.executable).parent)
WITH_TOOLS = {**os.environ, "PATH": os.pathsep.join([TOOLS, os.environ["PATH"]])}
TIMEOUT_S = 300

Done = subprocess.CompletedProcess[str]


class Installation:
    """An environment in a folder of its own, and the installer that fills it."""

    def __init__(self, installer: str, folder: Path) -> None:
        self.installer = installer
        self.folder = folder
        self.bin = folder / "bin"
        self.work = folder.with_name("work")
        self.work.mkdir()
        seed = ["--seed"] if installer == "pip" else []
        self.say("uv", "venv", "--quiet", "--clear", *seed, "--python", sys.executable, str(folder))
        # What locust-rs needs comes by uv, which takes a second where pip takes half a minute.
        needed = [line for line in metadata.requires("locust-rs") or [] if "extra ==" not in line]
        self.say("uv", "pip", "install", "--quiet", *needed)

    def run(self, *command: str) -> Done:
        """Runs a command in a working directory without any package."""
        # As in a shell that has activated it; this tree's own environment comes last, for uv itself.
        environment = {
            **os.environ,
            "VIRTUAL_ENV": str(self.folder),
            "PATH": os.pathsep.join([str(self.bin), os.environ["PATH"], TOOLS]),
        }
        environment.pop("PYTHONPATH", None)
        return subprocess.run(
            command, capture_output=True, text=True, timeout=TIMEOUT_S, env=environment, cwd=self.work
        )

    def say(self, *command: str) -> str:
        """What a command that must succeed says."""
        done = self.run(*command)
        assert done.returncode == 0, f"{command}:\n{done.stdout}\n{done.stderr}"
        return done.stdout + done.stderr

    def try_to(self, verb: str, *arguments: str) -> Done:
        """Lets the installer install or uninstall."""
        tool = ["uv", "pip"] if self.installer == "uv" else ["pip"]
        options = {"install": ["--no-compile"], "uninstall": ["-y"]}.get(verb, []) if tool == ["pip"] else []
        return self.run(*tool, verb, *options, *arguments)

    def install(self, *arguments: str) -> None:
        done = self.try_to("install", *arguments)
        assert done.returncode == 0, done.stdout + done.stderr

    def uninstall(self, *arguments: str) -> None:
        done = self.try_to("uninstall", *arguments)
        assert done.returncode == 0, done.stdout + done.stderr

    def check(self) -> Done:
        """`pip check`, or `uv pip check`."""
        return self.try_to("check")

    def leftovers(self) -> set[str]:
        """What is there of locust and locust-rs, plug-ins left out."""
        site_packages = next((self.folder / "lib").glob("python*/site-packages"))
        names = {path.name for path in site_packages.iterdir()} | {path.name for path in self.bin.iterdir()}
        return {name for name in names if re.fullmatch(r"locust(-\d.*)?|(locust.rs|pytest_locust)\b.*", name)}


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel of this tree, as the project's build backend makes it."""
    folder = tmp_path_factory.mktemp("wheel")
    options = ["--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder)]
    subprocess.run([sys.executable, "-m", "pip", "wheel", *options, str(ROOT)], check=True, env=WITH_TOOLS)
    return next(folder.glob("*.whl"))


@pytest.fixture(params=["pip", "uv"])
def make_installation(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], Installation]:
    """Makes empty environments, for pip or for uv."""
    assert shutil.which("uv", path=TOOLS), "uv is missing: run `make setup`"
    return lambda: Installation(request.param, tmp_path / "environment")


@pytest.fixture(scope="session")
def base_image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root file system with Python, in place of the image that the Dockerfile's stages begin with."""
    if lacking := missing():
        pytest.skip(lacking)
    return make_base(tmp_path_factory.mktemp("base") / "root")


@pytest.fixture(scope="session")
def image(base_image: Path, wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The image's root file system, without extras."""
    return Builder(base_image, tmp_path_factory.mktemp("image"), wheel, {}).build()


@pytest.fixture
def make_pod(image: Path, tmp_path: Path) -> Iterator[Callable[..., Pod]]:
    """Makes a pod in which the given names are hosts."""
    pods: list[Pod] = []

    def make(*names: str) -> Pod:
        (tmp_path / "pod").mkdir()
        pods.append(Pod(image, tmp_path / "pod", names))
        return pods[-1]

    yield make
    for pod in pods:
        pod.close()
