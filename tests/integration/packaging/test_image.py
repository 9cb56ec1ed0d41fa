"""The container image: its files, what Docker's users rely on, and its health check."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from image.containers import Container, Pod
from image.dockerfile import DOCKERFILE, stages
from image.root_file_system import Builder
from polling import until

from .conftest import ROOT, TOOLS

# The first test may build the wheel and the root file system.
pytestmark = [pytest.mark.root, pytest.mark.timeout(900)]

LOCUSTFILE = """
from locust import HttpUser, constant, task

class Visitor(HttpUser):
    host = "http://127.0.0.1:8089"
    wait_time = constant(0.1)

    @task
    def look(self):
        self.client.get("/")
"""

DEPLOY = ROOT / "deploy" / "docker"


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A folder that is mounted, with a locustfile whose user visits the web UI of the same pod."""
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "locustfile.py").write_text(LOCUSTFILE)
    return folder


def test_the_dockerfile_is_to_the_taste_of_hadolint() -> None:
    hadolint = shutil.which("hadolint", path=TOOLS)
    assert hadolint, "hadolint is missing: run `make setup`"
    done = subprocess.run([hadolint, "--no-color", DOCKERFILE], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_compose_file_is_valid_and_builds_this_dockerfile() -> None:
    compose = DEPLOY / "compose.yml"
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", compose]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "dockerfile: deploy/docker/Dockerfile" in compose.read_text()


def test_what_the_dockerfile_copies_is_there_and_not_kept_from_the_builder() -> None:
    sent = [line[1:] for line in (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines() if line.startswith("!")]
    copied = [
        source
        for stage in stages(DOCKERFILE.read_text())
        for instruction in stage.of("COPY")
        if "from" not in instruction.flags
        for source in instruction.text.split()[:-1]
    ]
    assert all((ROOT / source).exists() for source in copied)
    assert {source for source in copied if not any(f"{source}/".startswith(f"{name}/") for name in sent)} == set()


def test_it_has_the_files_that_others_call_and_no_compilers(image: Path) -> None:
    for path in ("opt/venv/bin/locust", "opt/venv/bin/locust-rs", "opt/venv/bin/pip", "bin/sh", "mnt/locust"):
        assert (image / path).exists(), path
    assert (image / "usr/local/bin/locust").readlink() == Path("/opt/venv/bin/locust")
    there = {
        path.name for folder in ("usr/bin", "usr/local/bin", "opt/venv/bin") for path in (image / folder).iterdir()
    }
    assert not there & {"cargo", "rustc", "gcc", "cc", "node", "npm", "maturin"}
    assert not (image / "wheels").exists()


VARIANTS = {
    "otel": ("otel", "import locust_rs.opentelemetry, opentelemetry.sdk, grpc"),
    "all": (
        "all",
        "import locust.contrib.dns, locust.contrib.milvus, locust.contrib.mongodb, locust.contrib.mqtt,"
        " locust.contrib.oai, locust.contrib.postgres, locust.contrib.qdrant, libcst, yaml, opentelemetry.sdk",
    ),
}


@pytest.mark.soak
@pytest.mark.parametrize(("extras", "imports"), VARIANTS.values(), ids=list(VARIANTS))
def test_a_variant_has_its_extras(base_image: Path, wheel: Path, tmp_path: Path, extras: str, imports: str) -> None:
    (tmp_path / "pod").mkdir()
    pod = Pod(Builder(base_image, tmp_path, wheel, {"EXTRAS": extras}).build(), tmp_path / "pod")
    try:
        run = pod.start(command=["python", "-c", f"import locust; {imports}; print('all there')"])
        assert run.exit_code() == 0, run.log
        assert "all there" in run.log
        quiet = {"OTEL_TRACES_EXPORTER": "none", "OTEL_METRICS_EXPORTER": "none", "OTEL_LOGS_EXPORTER": "none"}
        run = pod.start("--otel", "--version", environment=quiet)
        assert run.exit_code() == 0, run.log
    finally:
        pod.close()


USERS = {
    "its own user": "1000:0",
    "a user that OpenShift makes up": "1000660000:0",
    "a user of no group": "12345:12345",
}


@pytest.mark.parametrize("user", USERS.values(), ids=list(USERS))
def test_it_runs_on_a_read_only_root_as(user: str, make_pod: Callable[..., Pod], files: Path) -> None:
    pod = make_pod()
    test = ["-f", "/mnt/locust/locustfile.py", "--autostart", "--autoquit", "0", "-u", "2", "-r", "2", "-t", "1s"]
    run = pod.start(*test, "--csv", "/tmp/result", user=user, mounts={"/mnt/locust": files})
    assert run.exit_code() == 0, run.log
    assert "Aggregated" in run.log
    assert "Traceback" not in run.log


def test_pip_lists_locust_and_its_user_can_install_plugins(make_pod: Callable[..., Pod], tmp_path: Path) -> None:
    plugin, packages = tmp_path / "plugin", tmp_path / "packages"
    plugin.mkdir()
    packages.mkdir()
    (plugin / "pyproject.toml").write_text(
        '[project]\nname = "locust-plug"\nversion = "1"\ndependencies = ["locust>=2.35"]\n'
    )
    (plugin / "plug.py").write_text("")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(packages), str(plugin)]
    subprocess.run(command, check=True)
    script = "pip list && pip install --no-index /packages/locust_plug-1-py3-none-any.whl && python -c 'import plug'"
    run = make_pod().start(command=["sh", "-ec", script], mounts={"/packages": packages}, read_only=False)
    assert run.exit_code() == 0, run.log
    assert "locust" in {line.split()[0] for line in run.log.splitlines() if line.strip()}


def check(container: Container) -> subprocess.CompletedProcess[str]:
    """Runs the health check as Docker does."""
    return container.execute(*stages(DOCKERFILE.read_text())[-1].command("HEALTHCHECK"))


UIS = {
    "as it comes": ([], "http://127.0.0.1:8089/"),
    "on another port": (["--web-port=8123"], "http://127.0.0.1:8123/"),
    "on an address": (["--web-host", "127.0.0.1", "-P", "8124"], "http://127.0.0.1:8124/"),
    "behind a login": (["--web-login"], "http://127.0.0.1:8089/login"),
    "below a path": (["--web-base-path", "/load"], "http://127.0.0.1:8089/load"),
}


@pytest.mark.parametrize(("options", "url"), UIS.values(), ids=list(UIS))
def test_a_web_ui_is_healthy(options: list[str], url: str, make_pod: Callable[..., Pod], files: Path) -> None:
    pod = make_pod()
    run = pod.start("-f", "/mnt/locust/locustfile.py", *options, mounts={"/mnt/locust": files})
    until(lambda: pod.get(url)[0], lambda: f"an answer:\n{run.log}")
    done = check(run)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_web_ui_that_answers_no_more_is_not_healthy(make_pod: Callable[..., Pod], files: Path) -> None:
    pod = make_pod()
    run = pod.start("-f", "/mnt/locust/locustfile.py", "--web-port=8090", "-P8089", mounts={"/mnt/locust": files})
    until(lambda: pod.get("http://127.0.0.1:8089/")[0], lambda: f"an answer:\n{run.log}")
    run.send(signal.SIGSTOP)
    done = check(run)
    assert (done.returncode, done.stdout) == (1, "the web UI on 127.0.0.1:8089 does not answer\n")
    run.send(signal.SIGCONT)
    assert check(run).returncode == 0
    run.send(signal.SIGTERM)
    assert run.exit_code() == 0, run.log


def test_a_worker_without_a_web_ui_is_healthy(make_pod: Callable[..., Pod], files: Path) -> None:
    run = make_pod().start("-f", "/mnt/locust/locustfile.py", "--worker", mounts={"/mnt/locust": files})
    run.says("Starting Locust")
    assert check(run).returncode == 0
