"""End to end: a real Chromium, the real page, a real run against a server that counts."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from polling import until
from web_case.browser import play, ports
from web_case.process import LOCUSTFILES, Target, locust, target

pytestmark = [pytest.mark.browser]



@pytest.fixture
def aim() -> Iterator[Target]:
    with target() as started:
        yield started


def number(text: str) -> int:
    return int("".join(character for character in text if character.isdigit()))


def check_run(seen: dict[str, Any], aim: Target) -> None:
    """The page, the report, the files and the server under test agree on every count."""
    served = aim.served()
    for path, count in served.items():
        assert number(seen["table"][path]["num_requests"]) == count
        assert number(seen["reported"][path]["num_requests"]) == count
    total = sum(served.values())
    assert number(seen["table"]["Aggregated"]["num_requests"]) == total
    with open(seen["downloads"]["requests"], newline="") as file:
        table = list(csv.DictReader(file))
    assert {row["Name"]: int(row["Request Count"]) for row in table} == {**served, "Aggregated": total}
    with open(seen["downloads"]["failures"], newline="") as file:
        assert sum(int(row["Occurrences"]) for row in csv.DictReader(file)) == served["/bad"]
    assert Path(seen["downloads"]["exceptions"]).read_text().startswith("Count,Message,Traceback,Nodes")
    assert [address for address in seen["asked"] if not address.startswith(("file:", "data:"))] == []
    assert seen["reportProblems"] == []
    assert (number(seen["users"]), number(seen["afterEdit"])) == (4, 6)
    assert seen["basketText"].split()[:4] == ["basket", "shop=de", "trend", "items"]
    assert "basket" in seen["reportedBasket"]
    assert f"GET {aim.url}/hello" in seen["slowest"]
    assert "200 OK" in seen["slowest"]
    for evidence in (seen["evidence"], seen["reportedEvidence"]):
        assert f"GET {aim.url}/bad?" in evidence
        assert "token=[redacted]" in evidence
        assert "500 Internal Server Error" in evidence
        assert "Buyer" in evidence
        assert "hidden-in-evidence" not in evidence
    assert all(length > 20 for length in seen["panels"].values()), seen["panels"]


def test_a_run_from_the_form_to_the_report(aim: Target, tmp_path: Path) -> None:
    (port,) = ports(1)
    arguments = ["-f", str(LOCUSTFILES / "shop.py"), "--host", aim.url, "--class-picker"]
    arguments += ["--csv", str(tmp_path / "out"), "--csv-full-history"]
    files = ["report", "requests", "failures", "exceptions", "history"]
    with locust(arguments, tmp_path / "locust.log", port=port) as process:
        seen = play("run", tmp_path, url=process.url, name="run", picks="Idle", target=aim.url, files=files)
        check_run(seen, aim)
    assert list(seen["chosen"]) == ["Idle"]
    with open(seen["downloads"]["history"], newline="") as file:
        assert {"/hello", "/bad", "Aggregated"} <= {row["Name"] for row in csv.DictReader(file)}


def test_a_distributed_run(aim: Target, tmp_path: Path) -> None:
    port, bind = ports(2)
    file = ["-f", str(LOCUSTFILES / "shop.py")]
    with ExitStack() as stack:
        master = [*file, "--host", aim.url, "--master", "--master-bind-port", str(bind), "Buyer"]
        process = stack.enter_context(locust(master, tmp_path / "master.log", port=port))
        for worker in range(2):
            arguments = [*file, "--worker", "--master-host", "127.0.0.1", "--master-port", str(bind)]
            stack.enter_context(locust(arguments, tmp_path / f"worker{worker}.log"))
        until(lambda: process.get("/worker-count")["worker_count"] == 2, "two workers connect")
        seen = play("run", tmp_path, url=process.url, name="distributed", picks=None, target=aim.url)
        check_run(seen, aim)


def test_logging_in(tmp_path: Path) -> None:
    (port,) = ports(1)
    password = 'geheim→ &<>"'
    environment = {
        "LOCUST_USER_NAME": "anna",
        "LOCUST_PASSWORD": password,
        # The browser uses a name that is not local, so that the page is not a secure context.
        "LOCUST_WEB_ALLOW_HOST": "locust.test",
    }
    arguments = ["-f", str(LOCUSTFILES / "shop.py"), "--web-login"]
    with locust(arguments, tmp_path / "locust.log", port=port, environment=environment) as process:
        seen = play(
            "login",
            tmp_path,
            url=process.url,
            password=password,
        )
    assert seen["landedAt"] == "/login"
    assert seen["error"] == "Wrong user name or password"
    assert seen["cookies"] == [{"name": "session", "httpOnly": True, "sameSite": "Lax", "secure": False}]
    assert password not in (tmp_path / "locust.log").read_text()


def test_hostile_texts_run_nothing(tmp_path: Path) -> None:
    (port,) = ports(1)
    arguments = ["-f", str(LOCUSTFILES / "hostile.py"), "--autostart", "-u", "2", "-r", "2"]
    # Under a base path, as behind a reverse proxy.
    arguments += ["--web-base-path", "/load"]
    with locust(arguments, tmp_path / "locust.log", port=port) as process:
        until(lambda: len(process.get("/load/stats/requests")["stats"]) > 8, "hostile names are in the statistics")
        seen = play("hostile", tmp_path, url=f"{process.url}/load")
    assert seen["shown"], "the texts must be shown, as texts"
    assert set(seen["results"].values()) == {False}


def test_a_locustfile_adds_a_tab_and_other_sites_change_nothing(tmp_path: Path) -> None:
    (port,) = ports(1)
    arguments = ["-f", str(LOCUSTFILES / "extended.py"), "--autostart", "-u", "1", "-r", "1"]
    # The names of both sites reach the UI, so that only the origin of a request tells them apart.
    environment = {"LOCUST_WEB_ALLOW_HOST": "[locust.test, evil.test]"}
    with locust(arguments, tmp_path / "locust.log", port=port, environment=environment) as process:
        seen = play("extended", tmp_path, url=process.url)
    assert seen["row"].split() == ["/cart", "2,048"]
    assert seen["added"] == "Another page"
    assert (seen["readable"], seen["users"]) == (False, "1")


def test_the_charts_mark_where_a_threshold_broke(aim: Target, tmp_path: Path) -> None:
    (port,) = ports(1)
    arguments = ["-f", str(LOCUSTFILES / "shop.py"), "--host", aim.url, "--autostart", "-u", "2", "-r", "2", "Buyer"]
    arguments += ["--threshold", "failures(GET /bad) < 1%", "--threshold", "max < 1000s"]
    with locust(arguments, tmp_path / "locust.log", port=port) as process:
        seen = play("breach", tmp_path, url=process.url)
    for place in ("live", "reported"):
        assert re.match(r"failures\(GET /bad\) < 1% broke at .*\d:\d\d:\d\d", seen[place])
    for theme in ("light", "dark"):
        assert seen["contrasts"][theme]["line"] >= 3
        assert seen["contrasts"][theme]["text"] >= 4.5
