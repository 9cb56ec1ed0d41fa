"""Containers of the image: its entry point as process 1 in namespaces of its own, with mounts, user and variables."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import polling

from .dockerfile import DOCKERFILE, stages

ISOLATED = ["unshare", "--mount", "--pid", "--fork", "--kill-child"]

GET = """
import re, sys, urllib.error, urllib.request
host = re.match("http://([^/]+)", sys.argv[1])[1]
address = "http://127.0.0.1:" + host.partition(":")[2] + sys.argv[1].partition(host)[2]
try:
    answer = urllib.request.urlopen(urllib.request.Request(address, headers={"Host": host}), timeout=30)
except urllib.error.HTTPError as error:
    answer = error
except OSError:
    sys.exit()
print(answer.status, answer.read().decode(), sep="\\n")
"""

IMAGE = stages(DOCKERFILE.read_text())[-1]


class Container:
    """A started container; the network is that of its pod, a namespace that `ip netns` made."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        self.process = process
        self._log = log

    @property
    def log(self) -> str:
        """What it has printed so far."""
        return self._log.read_text(errors="replace")

    def says(self, text: str) -> None:
        """Waits until it has printed a text."""
        polling.until(
            lambda: text in self.log,
            lambda: f"{text!r} in:\n{self.log}",
            hopeless=lambda: self.process.poll() is not None,
        )

    def exit_code(self) -> int:
        """Waits until it ends, and returns the code that an orchestrator would see."""
        polling.until(lambda: self.process.poll() is not None, lambda: f"the end of:\n{self.log}")
        return self.process.returncode

    def first_process(self) -> int:
        """The number of its process 1 in the host's namespace; 0 if it ended."""
        with suppress(OSError):
            children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
            return int(children[0]) if children else 0
        return 0

    def send(self, number: signal.Signals) -> None:
        """`docker kill --signal`."""
        subprocess.run(["kill", f"-{number.value}", str(self.first_process())], check=True)

    def execute(self, *command: str, user: str = "1000:0") -> subprocess.CompletedProcess[str]:
        """`docker exec` as a user."""
        uid, gid = user.split(":")
        enter = ["nsenter", "--target", str(self.first_process()), "--mount", "--pid", "--net", "--root"]
        pairs = [f"{name}={value}" for name, value in IMAGE.environment().items()]
        return subprocess.run(
            [*enter, "setpriv", "--reuid", uid, "--regid", gid, "--clear-groups", "env", "-i", *pairs, *command],
            capture_output=True,
            text=True,
            timeout=polling.GENEROUS_S,
        )

    def end(self) -> None:
        """Ends whatever is left of it.

        The kernel ends a namespace with its process 1. `--kill-child` alone does not: a process that changes its user
        gets no signal when its parent dies.
        """
        if first := self.first_process():
            with suppress(ProcessLookupError):
                os.kill(first, signal.SIGKILL)
        self.process.kill()
        self.process.wait()


class Pod:
    """A network with names, in which containers of the image run; all share its loopback interface."""

    def __init__(self, image: Path, folder: Path, names: Iterable[str] = ()) -> None:
        self.image = image
        self.folder = folder
        self.namespace = f"pod{uuid.uuid4().hex[:8]}"
        self.started: list[Container] = []
        self.hosts = folder / "hosts"
        self.hosts.write_text("".join(f"127.0.0.1 {name}\n" for name in ("localhost", *names)))
        subprocess.run(["ip", "netns", "add", self.namespace], check=True)
        subprocess.run(["ip", "-n", self.namespace, "link", "set", "lo", "up"], check=True)

    def close(self) -> None:
        """Ends all containers and the network."""
        for container in self.started:
            container.end()
        polling.until(lambda: not self.processes(), lambda: f"the end of {self.processes()}")
        subprocess.run(["ip", "netns", "del", self.namespace], check=True)

    def processes(self) -> list[str]:
        """The numbers of all processes in its network."""
        pids = ["ip", "netns", "pids", self.namespace]
        return subprocess.run(pids, check=True, capture_output=True, text=True).stdout.split()

    def start(
        self,
        *arguments: str,
        command: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
        mounts: Mapping[str, Path] | None = None,
        user: str = "1000:0",
        workdir: str = "",
        read_only: bool = True,
    ) -> Container:
        """`docker run`, or what a kubelet does.

        Args:
            command: In place of the entry point, as `command` of a pod.
            mounts: Target → source; all of them are read-only. Only `/tmp` can be written, unless `read_only` is off.
            user: Numbers of the user and the group.
        """
        variables = {**IMAGE.environment(), "HOME": "/home/locust" if user == "1000:0" else "/", **(environment or {})}
        pairs = [f"{name}={value}" for name, value in variables.items()]
        words = [*(command or IMAGE.command("ENTRYPOINT")), *arguments]
        inside = ["env", "-i", f"--chdir={workdir or IMAGE.last('WORKDIR')}", *pairs, *words]
        script = self._mounts(mounts or {}, read_only)
        script.append("exec " + shlex.join(["chroot", f"--userspec={user}", "--groups=", str(self.image), *inside]))
        log = self.folder / f"{len(self.started)}.log"
        with log.open("wb") as out:
            process = subprocess.Popen(
                ["ip", "netns", "exec", self.namespace, *ISOLATED, "sh", "-ec", "\n".join(script)],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
            )
        self.started.append(Container(process, log))
        return self.started[-1]

    def _mounts(self, mounts: Mapping[str, Path], read_only: bool) -> list[str]:
        root = self.image
        above = self.folder / "above"
        script = [
            f"mkdir -p {above} && mount -t tmpfs tmpfs {above} && mkdir {above}/upper {above}/work",
            f"mount -t overlay overlay -o lowerdir={root},upperdir={above}/upper,workdir={above}/work {root}",
            f"mount -t proc proc {root}/proc",
            f"mount --rbind /dev {root}/dev",
        ]
        for target, source in {**mounts, "/etc/hosts": self.hosts}.items():
            at = f"{root}{target}"
            # As a runtime does for a mount whose target the image lacks.
            script.append(f"[ -e {at} ] || mkdir -p {at}")
            script.append(f"mount --bind {source} {at} && mount -o remount,bind,ro {at}")
        if read_only:
            script += [f"mount -o remount,ro {root}", f"mount -t tmpfs tmpfs {root}/tmp"]
        return script

    def get(self, url: str) -> tuple[int, str]:
        """Status and body of a GET from the pod's network, as a probe or an exporter makes one; 0 without an answer."""
        done = subprocess.run(
            ["ip", "netns", "exec", self.namespace, sys.executable, "-IS", "-c", GET, url],
            capture_output=True,
            text=True,
            timeout=polling.GENEROUS_S,
        )
        status, _, body = done.stdout.partition("\n")
        return int(status or 0), body

    def serve(self, port: int) -> None:
        """Starts a web site, which has to be there before a test begins; it ends with the pod."""
        site = self.folder / "site"
        site.mkdir()
        command = ["-m", "http.server", "--bind", "127.0.0.1", "--directory", str(site), str(port)]
        server = subprocess.Popen(
            ["ip", "netns", "exec", self.namespace, sys.executable, *command],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.started.append(Container(server, self.folder / "hosts"))
        polling.until(lambda: self.get(f"http://127.0.0.1:{port}/")[0] == 200, "the web site's answer")
