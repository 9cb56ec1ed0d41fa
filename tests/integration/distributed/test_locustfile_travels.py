"""Workers started with `-f -` get the locustfile, and locust-rs workers also the modules that it imports."""

from __future__ import annotations

import subprocess
import sys

import pytest

LOCUSTFILE = """
from locust import User, constant, task

from shop.names import NAME


class Anyone(User):
    wait_time = constant(0.1)

    @task
    def work(self):
        self.environment.events.request.fire(
            request_type="X", name=NAME, response_time=1, response_length=0, exception=None, context={}
        )
"""


@pytest.fixture
def project(tmp_path):
    """A folder with a locustfile that imports a package beside it."""
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "__init__.py").touch()
    (tmp_path / "shop" / "names.py").write_text("NAME = 'from the package'\n")
    (tmp_path / "locustfile.py").write_text(LOCUSTFILE)
    return tmp_path


def _locust(python, *arguments, cwd):
    return subprocess.Popen(
        [str(python), "-m", "locust", *arguments],
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def _finish(*processes):
    """Their output, once all have ended."""
    try:
        return [process.communicate(timeout=90)[0] for process in processes]
    finally:
        for process in processes:
            process.kill()
            process.wait()
            process.stdout.close()


def test_our_workers_get_the_modules_too(project, tmp_path_factory, free_port):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    ports = ["--master-bind-port", str(free_port)]
    run = ["--headless", "--expect-workers", "1", "-u", "2", "-r", "2", "-t", "3s", "--only-summary"]
    master = _locust(sys.executable, "-f", "locustfile.py", "--master", *ports, *run, cwd=project)
    worker = _locust(sys.executable, "-f", "-", "--worker", "--master-port", str(free_port), cwd=elsewhere)
    masters, workers = _finish(master, worker)
    assert (master.returncode, worker.returncode) == (0, 0), masters + workers
    assert "from the package" in masters
    assert "shop/names.py" in masters


@pytest.mark.stock
def test_stock_workers_get_the_locustfile_alone(project, tmp_path_factory, free_port, stock_python):
    (project / "locustfile.py").write_text(LOCUSTFILE.replace("from shop.names import NAME", "NAME = 'alone'"))
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    ports = ["--master-bind-port", str(free_port)]
    run = ["--headless", "--expect-workers", "1", "-u", "2", "-r", "2", "-t", "3s", "--only-summary"]
    master = _locust(sys.executable, "-f", "locustfile.py", "--master", *ports, *run, cwd=project)
    worker = _locust(stock_python, "-f", "-", "--worker", "--master-port", str(free_port), cwd=elsewhere)
    masters, workers = _finish(master, worker)
    assert (master.returncode, worker.returncode) == (0, 0), masters + workers
    assert "alone" in masters
