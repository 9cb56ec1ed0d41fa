"""From a visit in Chromium to a load test: the shop sees the same journey twice."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from convert_case.running import run_until

pytestmark = [pytest.mark.browser]

HERE = Path(__file__).resolve().parent
WEB = HERE.parents[2] / "web"


@dataclass
class Shop:
    """The sample shop and the list of what it was asked."""

    url: str
    log: Path

    def seen(self) -> list[dict[str, Any]]:
        """What was asked so far; browsers ask for an icon by themselves."""
        lines = self.log.read_text().split("\n")[:-1]
        return [seen for seen in map(json.loads, lines) if seen["path"] != "/favicon.ico"]


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    log = tmp_path / "shop.ndjson"
    with subprocess.Popen(
        [sys.executable, str(HERE / "recorded_shop.py"), str(log)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "LOCUST_SKIP_MONKEY_PATCH": "1"},
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield Shop(process.stdout.readline().strip(), log)
        process.stdin.close()
        assert process.wait(timeout=30) == 0


def record(shop: Shop, har: Path) -> None:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert chromium, "no Chromium on PATH: install your distribution's `chromium`"
    node = shutil.which("node")
    assert node, "no Node.js on PATH"
    assert (WEB / "node_modules" / "playwright-core").is_dir(), "run `make setup` first: web/node_modules is incomplete"
    settings = {"web": str(WEB), "chromium": chromium, "url": shop.url, "har": str(har)}
    done = subprocess.run(
        [node, str(HERE / "record.mjs"), json.dumps(settings)], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_shop_sees_the_journey_of_the_browser_again(shop: Shop, tmp_path: Path) -> None:
    har, locustfile = tmp_path / "visit to the shop.har", tmp_path / "locustfile.py"
    record(shop, har)
    journey = shop.seen()
    assert len(journey) == 8
    assert all(seen["status"] < 400 for seen in journey)

    command = [Path(sys.executable).with_name("locust-rs"), "convert", str(har), "-o", str(locustfile)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    text = locustfile.read_text()
    assert "class VisitToTheShopUser(FastHttpUser):" in text
    assert text.count("        @task\n") == 6, "the pauses of the visit part its steps"
    assert "locust" not in text.partition("json=")[2].partition("\n")[0], "the password is not written down"

    def is_seen_again() -> bool:
        return len(shop.seen()) >= 2 * len(journey)

    run_until(is_seen_again, locustfile, environment={"PASSWORD": "locust"}, hurry=False)
    assert described(shop.seen()[len(journey) : 2 * len(journey)]) == described(journey)


def described(seen: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Requests with their JSON parsed: spaces in it do not matter."""
    return [{**each, "body": json.loads(each["body"]) if each["body"] else None} for each in seen]
