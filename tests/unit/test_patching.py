"""What importing the package does to a process; each case is a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

PYTHON_FOLDER = Path(__file__).parents[2] / "python"


def run(code: str, *options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *options, "-c", code],
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, **environment},
    )


def output(code: str, **environment: str) -> str:
    done = run(code, **environment)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_the_standard_library_is_patched() -> None:
    assert output("import locust, gevent.monkey as m; print(m.is_module_patched('socket'))") == "True"


def test_the_standard_library_can_be_left_alone() -> None:
    code = "import locust, gevent.monkey as m; print(m.is_module_patched('socket'))"
    assert output(code, LOCUST_SKIP_MONKEY_PATCH="1") == "False"


QUEUE = "print(urllib3.connectionpool.ConnectionPool.QueueCls.__module__)"


@pytest.mark.parametrize("code", ["import locust, urllib3; ", "import urllib3, locust; "])
def test_urllib3_gets_gevents_queue_whenever_it_is_imported(code: str) -> None:
    # gevent's own patching replaces the queue as well.
    assert output(code + QUEUE, LOCUST_SKIP_MONKEY_PATCH="1").startswith("gevent.")


def test_urllib3_can_be_left_alone() -> None:
    unpatched = {"LOCUST_SKIP_MONKEY_PATCH": "1", "LOCUST_SKIP_URLLIB3_PATCH": "1"}
    assert output("import locust, urllib3; " + QUEUE, **unpatched) == "queue"


def test_importing_loads_no_http_library() -> None:
    loaded = output(
        "import locust, sys; "
        "print([m for m in ('requests', 'urllib3', 'geventhttpclient', 'flask', 'zmq') if m in sys.modules])"
    )
    assert loaded == "[]"


def fake_stock(folder: Path, alias: str | None) -> None:
    (folder / "locust-2.47.0.dist-info").mkdir()
    if alias is not None:
        (folder / "locust").mkdir()
        (folder / "locust" / "__init__.py").write_text(alias)


def test_stock_locust_in_front_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    fake_stock(tmp_path, "stock = True")
    done = run("import locust_rs", PYTHONPATH=str(tmp_path))
    assert done.returncode != 0
    assert "ImportError: locust-rs and stock Locust are installed in the same environment" in done.stderr
    assert "pip uninstall locust" in done.stderr


def test_stock_locust_behind_is_a_warning_that_says_what_to_do(tmp_path: Path) -> None:
    fake_stock(tmp_path, None)
    done = run("import locust; print(locust.__name__)", PYTHONPATH=f"{PYTHON_FOLDER}{os.pathsep}{tmp_path}")
    assert done.stdout.strip() == "locust_rs"
    assert "UserWarning: Stock Locust is installed in the same environment" in done.stderr
    assert "pip uninstall locust" in done.stderr
