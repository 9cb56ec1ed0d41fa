"""What importing the package does to a process; each case runs in a process of its own."""

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


STOCK = "import gevent.monkey; gevent.monkey.patch_all()"


@pytest.fixture
def with_stock(tmp_path: Path) -> str:
    """A folder in front of `sys.path` that has the package `locust` as stock Locust has it, patching and all."""
    (tmp_path / "locust-2.47.0.dist-info").mkdir()
    (tmp_path / "locust-2.47.0.dist-info" / "RECORD").write_text("locust/__init__.py,,\n")
    (tmp_path / "locust").mkdir()
    (tmp_path / "locust" / "__init__.py").write_text(STOCK)
    return str(tmp_path)


def test_stock_locust_says_that_it_has_taken_the_place_of_locust_rs(with_stock: str) -> None:
    done = run("import locust; print(locust.__file__)", PYTHONPATH=with_stock)
    assert done.stdout.strip().startswith(with_stock)
    assert f"taken the place of locust-rs ({with_stock}/locust-2.47.0.dist-info)" in done.stderr
    assert "Take that folder out of PYTHONPATH" in done.stderr


def test_stock_locust_and_locust_rs_in_one_process_are_an_error(with_stock: str) -> None:
    done = run("import locust; import locust_rs", PYTHONPATH=with_stock)
    assert done.returncode != 0
    assert "ImportError: `locust` is stock Locust here" in done.stderr


def test_locust_is_locust_rs_where_locust_rs_was_imported_first(with_stock: str) -> None:
    code = "import locust_rs, locust, locust.stats; print(locust is locust_rs, locust.stats.__name__)"
    done = run(code, PYTHONPATH=with_stock)
    assert done.stdout.strip() == "True locust_rs.stats"
    assert done.stderr == ""


def test_other_programs_that_patch_hear_nothing() -> None:
    done = run(f"{STOCK}; import sys; print('locust_rs' in sys.modules, 'locust_rs_installation' in sys.modules)")
    assert done.stdout.strip() == "False True"
    assert done.stderr == ""
