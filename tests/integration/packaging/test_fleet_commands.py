"""The image under the commands, variables and mounts that operators, charts and samples give to Locust's own image."""

from __future__ import annotations

import json
import shlex
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from image.containers import Container, Pod
from polling import until

pytestmark = [pytest.mark.root, pytest.mark.timeout(900)]

SITE = "http://site.example:8080"

LOCUSTFILE = """
from locust import FastHttpUser, HttpUser, constant, task
from locust.exception import StopUser

class Visitor(HttpUser):
    wait_time = constant(0.1)

    @task
    def look(self):
        self.client.get({path!r})

class FastVisitor(FastHttpUser):
    wait_time = constant(0.1)

    @task
    def look(self):
        self.client.get({path!r})
"""

HEADLESS = "--headless -u 2 -r 2 -t 2s"


def config_map(folder: Path, **contents: str) -> Path:
    """A folder as a kubelet mounts a ConfigMap: every key is a link through a hidden folder to a read-only file."""
    version = folder / "..2026_01_01"
    version.mkdir(parents=True)
    (folder / "..data").symlink_to(version.name)
    for key, content in contents.items():
        name = key.replace("__", ".")
        (version / name).write_text(content)
        (folder / name).symlink_to(f"..data/{name}")
    return folder


@pytest.fixture
def pod(make_pod: Callable[..., Pod]) -> Pod:
    """A pod with a web site to visit, and the names of the services that operators make."""
    made = make_pod("site.example", "shop-master", "shop-webui", "master", "shop")
    made.serve(8080)
    return made


def ends_well(*containers: Container) -> None:
    for container in containers:
        assert container.exit_code() == 0, container.log
        assert "Traceback" not in container.log, container.log


@pytest.mark.parametrize(
    ("path", "extra", "code"),
    [("/", "", 0), ("/missing", "", 1), ("/missing", "--exit-code-on-error 0", 0)],
    ids=["nothing fails", "requests fail", "requests fail and may"],
)
def test_a_job_of_locustios_operator(pod: Pod, tmp_path: Path, path: str, extra: str, code: int) -> None:
    """Master and workers get the same arguments, and find their files in a read-only working directory."""
    mounts = {"/home/locust": config_map(tmp_path / "map", mytest__py=LOCUSTFILE.format(path=path))}
    arguments = shlex.split(f"-f mytest.py -H {SITE} --expect-workers 2 {HEADLESS} {extra}")
    master = pod.start("--master", *arguments, mounts=mounts)
    workers = [pod.start("--worker", "--master-host", "shop-master", *arguments, mounts=mounts) for _ in range(2)]
    assert master.exit_code() == code, master.log
    ends_well(*workers)


def test_the_status_that_locustios_operator_polls(pod: Pod, tmp_path: Path) -> None:
    mounts = {"/home/locust": config_map(tmp_path / "map", locustfile__py=LOCUSTFILE.format(path="/"))}
    arguments = shlex.split(f"-H {SITE} -u 3 -r 3 --autostart --expect-workers 1")
    environment = {"LOCUST_LOGLEVEL": "INFO", "LOCUST_EXPECT_WORKERS_MAX_WAIT": "60"}
    master = pod.start("--master", *arguments, mounts=mounts, environment=environment)
    worker = pod.start("--worker", "--master-host", "shop-master", *arguments, mounts=mounts, environment=environment)

    def status() -> dict[str, object]:
        code, body = pod.get("http://shop-webui:8089/stats/requests")
        return json.loads(body) if code == 200 else {}

    until(lambda: status().get("user_count") == 3 and status()["total_rps"], lambda: f"3 users:\n{master.log}")
    now = status()
    assert (now["state"], now["worker_count"], now["fail_ratio"]) == ("running", 1, 0)
    # Pods are deleted with SIGTERM, in any order.
    master.send(signal.SIGTERM)
    ends_well(master, worker)


def test_a_job_of_the_other_operator(pod: Pod, tmp_path: Path) -> None:
    lib = config_map(tmp_path / "lib", helpers__py="")
    mounts = {
        "/lotest/src": config_map(tmp_path / "src", shop__py=LOCUSTFILE.format(path="/")),
        "/opt/locust/lib": lib,
    }
    environment = {
        "KAFKA_BOOTSTRAP_SERVERS": "kafka:9092",
        "KAFKA_SECURITY_ENABLED": "false",
        "KAFKA_SASL_JAAS_CONFIG": 'a.b required username="u" password="p";',
        "KAFKA_USERNAME": "",
    }
    command = f"--locustfile /lotest/src/shop.py --host {SITE} --users 2 --spawn-rate 2 --run-time 2s"
    master_line = (
        f"{command} --master --master-port=5557 --expect-workers=1 --autostart --autoquit 1 --enable-rebalancing"
        " --only-summary"
    )
    master = pod.start(*master_line.split(), mounts=mounts, environment=environment)
    worker_line = f"{command} --worker --master-port=5557 --master-host=shop-master"
    worker = pod.start(*worker_line.split(), mounts=mounts, environment=environment)
    ends_well(master, worker)
    assert "Aggregated" in master.log


SCRIPT = """\
set -eu
if [ -f /packages/requirements.txt ]; then pip install -r /packages/requirements.txt; else echo "no requirements"; fi
pip install --no-index $PACKAGES
exec /opt/venv/bin/locust $@
"""


def test_a_release_of_the_common_chart(pod: Pod, tmp_path: Path) -> None:
    """Its script runs in place of the entry point and splits arguments at spaces; variables say the rest."""
    locustfile = LOCUSTFILE.format(path="/") + "from lib.pages import PAGES\n"
    mounts = {
        "/mnt/locust": config_map(tmp_path / "map", main__py=locustfile),
        "/config": config_map(tmp_path / "config", **{"docker-entrypoint__sh": SCRIPT}),
        "/packages": config_map(tmp_path / "packages", requirements__txt=""),
    }
    (mounts["/mnt/locust"] / "lib").mkdir()
    lib = {"/mnt/locust/lib": config_map(tmp_path / "lib", pages__py="PAGES = []")}
    environment = {
        "LOCUST_HOST": SITE,
        "LOCUST_LOGLEVEL": "INFO",
        "LOCUST_LOCUSTFILE": "/mnt/locust/main.py",
        "PACKAGES": "requests",
        "SECRET": "$not a=variable",
    }
    script = ["sh", "/config/docker-entrypoint.sh"]
    master_line = ["--master", "--web-port 8088", "--tags fast slow"]
    master = pod.start(*master_line, command=script, mounts={**mounts, **lib}, environment=environment)
    joins = {"LOCUST_MASTER_NODE_HOST": "shop", "LOCUST_MASTER_NODE_PORT": "5557"}
    worker = pod.start("--worker", command=script, mounts={**mounts, **lib}, environment={**environment, **joins})
    until(lambda: pod.get("http://shop:8088/")[0] == 200, lambda: f"readiness:\n{master.log}")
    master.says("reported as ready")
    # What KEDA reads to scale the workers.
    assert json.loads(pod.get("http://shop:8088/stats/requests")[1])["user_count"] == 0
    worker.send(signal.SIGTERM)
    ends_well(worker)
    master.send(signal.SIGTERM)
    ends_well(master)


GOOGLE_SCRIPT = """\
LOCUST="/usr/local/bin/locust"
LOCUS_OPTS="-f /locust-tasks/tasks.py --host=$TARGET_HOST"
case "$LOCUST_MODE" in
    master) LOCUS_OPTS="$LOCUS_OPTS --master" ;;
    worker) LOCUS_OPTS="$LOCUS_OPTS --worker --master-host=$LOCUST_MASTER" ;;
esac
exec $LOCUST $LOCUS_OPTS
"""


def test_a_script_that_knows_its_role_from_variables_of_its_own(pod: Pod, tmp_path: Path) -> None:
    mounts = {
        "/locust-tasks": config_map(tmp_path / "tasks", tasks__py=LOCUSTFILE.format(path="/"), run__sh=GOOGLE_SCRIPT)
    }
    variables = {"TARGET_HOST": SITE, "LOCUST_MASTER": "master"}
    run = ["sh", "/locust-tasks/run.sh"]
    master = pod.start(command=run, mounts=mounts, environment={**variables, "LOCUST_MODE": "master"})
    worker = pod.start(command=run, mounts=mounts, environment={**variables, "LOCUST_MODE": "worker"})
    master.says("reported as ready")
    master.send(signal.SIGTERM)
    ends_well(master, worker)


def test_a_run_that_a_cloud_configures_by_variables_and_files(pod: Pod, tmp_path: Path) -> None:
    """As a user without a name, whose home is `/`, in a folder with a locustfile and a `locust.conf`."""
    contents = {"locustfile__py": LOCUSTFILE.format(path="/"), "locust__conf": "headless = true\nonly-summary = true\n"}
    run = pod.start(
        user="1000660000:0",
        workdir="/mnt/locust",
        mounts={"/mnt/locust": config_map(tmp_path / "map", **contents)},
        environment={
            "LOCUST_HOST": SITE,
            "LOCUST_USERS": "2",
            "LOCUST_SPAWN_RATE": "2",
            "LOCUST_RUN_TIME": "2",
            "LOCUST_CSV": "/tmp/kept",
        },
    )
    ends_well(run)
    assert "Aggregated" in run.log


def test_the_commands_of_the_compose_file(pod: Pod, tmp_path: Path) -> None:
    yaml = pytest.importorskip("yaml")
    services = yaml.safe_load((Path(__file__).parents[3] / "deploy/docker/compose.yml").read_text())["services"]
    mounts = {"/mnt/locust": config_map(tmp_path / "map", quickstart__py=LOCUSTFILE.format(path="/"))}

    def started(service: str) -> Container:
        line = services[service]["command"].replace("${LOCUSTFILE:-quickstart.py}", "quickstart.py")
        return pod.start(*line.split(), mounts=mounts)

    master, worker = started("master"), started("worker")
    master.says("reported as ready")
    master.send(signal.SIGTERM)
    ends_well(master, worker)
