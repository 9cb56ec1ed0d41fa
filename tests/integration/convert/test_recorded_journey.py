"""From a visit in Chromium to a load test: the site sees the same journey twice."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from convert_case.running import run_until

pytestmark = [pytest.mark.browser]

HERE = Path(__file__).resolve().parent
WEB = HERE.parents[2] / "web"


@dataclass
class Site:
    """A site and the list of what it was asked."""

    url: str
    log: Path

    def seen(self) -> list[dict[str, Any]]:
        """What was asked so far; browsers ask for an icon by themselves."""
        lines = self.log.read_text().split("\n")[:-1]
        return [seen for seen in map(json.loads, lines) if seen["path"] != "/favicon.ico"]


@contextmanager
def served(program: str, folder: Path) -> Iterator[Site]:
    log = folder / "seen.ndjson"
    with subprocess.Popen(
        [sys.executable, str(HERE / program), str(log)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "LOCUST_SKIP_MONKEY_PATCH": "1"},
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield Site(process.stdout.readline().strip(), log)
        process.stdin.close()
        assert process.wait(timeout=30) == 0


def record(visit: str, site: Site, har: Path) -> list[dict[str, Any]]:
    """Records a visit; returns what the site saw of it."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert chromium, "no Chromium on PATH: install your distribution's `chromium`"
    node = shutil.which("node")
    assert node, "no Node.js on PATH"
    assert (WEB / "node_modules" / "playwright-core").is_dir(), "run `make setup` first: web/node_modules is incomplete"
    settings = {"web": str(WEB), "chromium": chromium, "url": site.url, "har": str(har), "visit": visit}
    done = subprocess.run(
        [node, str(HERE / "record.mjs"), json.dumps(settings)], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return site.seen()


def convert(har: Path, locustfile: Path) -> str:
    command = [Path(sys.executable).with_name("locust-rs"), "convert", str(har), "-o", str(locustfile)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    return locustfile.read_text()


def test_the_shop_sees_the_journey_of_the_browser_again(tmp_path: Path) -> None:
    har, locustfile = tmp_path / "visit to the shop.har", tmp_path / "locustfile.py"
    with served("recorded_shop.py", tmp_path) as shop:
        journey = record("shop", shop, har)
        assert len(journey) == 8
        assert all(seen["status"] < 400 for seen in journey)

        text = convert(har, locustfile)
        assert "class VisitToTheShopUser(FastHttpUser):" in text
        assert text.count("        @task\n") == 6, "the pauses of the visit part its steps"
        assert "locust" not in text.partition("json=")[2].partition("\n")[0], "the password is not written down"

        enough = 2 * len(journey)
        run_until(lambda: len(shop.seen()) >= enough, locustfile, environment={"PASSWORD": "locust"}, hurry=False)
        assert described(shop.seen()[len(journey) : enough]) == described(journey)


def test_forms_tokens_redirects_and_uploads_work_again(tmp_path: Path) -> None:
    har, locustfile = tmp_path / "forms.har", tmp_path / "locustfile.py"
    with served("forms_site.py", tmp_path) as site:
        journey = record("forms", site, har)
        assert [seen["status"] for seen in journey] == [302, 200, 303, 200, 302, 200, 200]

        text = convert(har, locustfile)
        for written in ("re.search(", "response.url", 'data={"_csrf": self.csrf', "files=["):
            assert written in text, text
        assert "pä ss&1" not in text

        enough = 2 * len(journey)
        run_until(lambda: len(site.seen()) >= enough, locustfile, environment={"PASSWORD": "pä ss&1"}, hurry=False)
        assert site.seen()[len(journey) : enough] == journey


def described(seen: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Requests with their JSON parsed: spaces in it do not matter."""
    return [{**each, "body": json.loads(each["body"]) if each["body"] else None} for each in seen]
