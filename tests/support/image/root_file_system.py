"""The image's root file system, made by the steps of its Dockerfile on a Debian from packages.

What the Dockerfile takes from a registry of images is replaced: `python:…-slim` is Debian with its own Python, and the
wheel comes from this tree instead of from the stages that have compilers.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from .dockerfile import DOCKERFILE, ROOT, Instruction, Stage, stages

TIMEOUT_S = 600


def missing() -> str:
    """What this machine lacks for making one, or nothing."""
    if os.geteuid() != 0:
        return "making a root file system needs root"
    lacking = [tool for tool in ("mmdebstrap", "unshare", "ip") if shutil.which(tool) is None]
    if lacking:
        return f"install {', '.join(lacking)} (packages mmdebstrap, util-linux, iproute2)"
    allowed = subprocess.run(["unshare", "--mount", "--pid", "--net", "--fork", "true"], capture_output=True, text=True)
    return "" if allowed.returncode == 0 else f"namespaces are not allowed here: {allowed.stderr.strip()}"


def run(*command: str | Path) -> None:
    """Runs a command that must succeed."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_S)
    assert done.returncode == 0, f"{shlex.join(map(str, command))}\n{done.stdout}\n{done.stderr}"


def make_base(folder: Path) -> Path:
    """Debian with Python and `venv`, in place of the base image."""
    # With apt, as Debian's own images: it brings the C++ library, among others.
    packages = "--include=python3-venv,ca-certificates,passwd"
    patience = '--aptopt=Acquire::Retries "5"'
    run("mmdebstrap", "--quiet", "--variant=apt", patience, packages, "bookworm", folder)
    # Where the base image has it, and where builders put what a network needs.
    (folder / "usr/local/bin/python").symlink_to("/usr/bin/python3")
    for file in ("/etc/resolv.conf", "/etc/hosts", "/etc/ssl/certs/ca-certificates.crt"):
        if Path(file).exists():
            shutil.copyfile(file, folder / file.lstrip("/"))
    return folder


@dataclass
class Builder:
    """Executes stages, each in a copy of the base.

    Attributes:
        base: The root file system that every `FROM python:…` stands for.
        folder: Where the stages' root file systems go, under their names.
        wheel: What the stage `wheel` would have made.
        arguments: Of `--build-arg`.
    """

    base: Path
    folder: Path
    wheel: Path
    arguments: dict[str, str]

    def build(self) -> Path:
        """Executes the stages that need no compiler, and returns the root file system of the last one."""
        needed = [stage for stage in stages(DOCKERFILE.read_text()) if stage.base.startswith("python:")]
        for stage in needed:
            self.execute(stage, self.folder / (stage.name or "image"))
        return self.folder / "image"

    def execute(self, stage: Stage, root: Path) -> None:
        """Executes a stage's instructions in a new copy of the base."""
        run("cp", "-a", self.base, root)
        variables = stage.environment()
        for instruction in stage.instructions:
            if instruction.word == "ARG":
                name, _, default = instruction.text.partition("=")
                variables[name] = self.arguments.get(name, default.strip('"'))
            elif instruction.word == "RUN":
                self.run_inside(root, instruction.text, variables)
            elif instruction.word == "COPY":
                self.copy(root, instruction)

    def run_inside(self, root: Path, script: str, variables: dict[str, str]) -> None:
        """`RUN`: as root, with the builder's network, and with what pip has to know about it."""
        known = {
            name: value for name, value in os.environ.items() if name.startswith("PIP_") or "proxy" in name.lower()
        }
        known.pop("PIP_FIND_LINKS", None)
        pairs = [f"{name}={value}" for name, value in {**known, **variables}.items()]
        inside = shlex.join(["chroot", str(root), "env", "-i", *pairs, "/bin/sh", "-c", script])
        mounts = f"mount -t proc proc {root}/proc && mount --rbind /dev {root}/dev"
        run("unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-ec", f"{mounts} && exec {inside}")

    def copy(self, root: Path, instruction: Instruction) -> None:
        """`COPY` of one source, from the context or from a stage, with `--chown` and `--chmod`."""
        source, target = instruction.text.split()
        origin = instruction.flags.get("from")
        destination = root / target.lstrip("/")
        destination.parent.mkdir(parents=True, exist_ok=True)
        if origin == "wheel":
            destination.mkdir()
            shutil.copy(self.wheel, destination)
        else:
            where = self.folder / origin if origin else ROOT
            run("cp", "-a", "--no-target-directory", where / source.lstrip("/"), destination)
        # Builders give what comes from the context to root, whoever has the checkout.
        run("chown", "-R", instruction.flags.get("chown", "0:0"), destination)
        if mode := instruction.flags.get("chmod"):
            run("chmod", "-R", mode, destination)
