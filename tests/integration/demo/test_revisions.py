"""Three revisions of the sample shop, each judged against the release: stored, compared, gated and reported."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from xml.etree import ElementTree as ET

import jsonschema_rs
import pytest
import xmlschema

ROOT = Path(__file__).parents[3]
LOCUSTFILE = ROOT / "python/locust_rs/demo/locustfile.py"
SEARCH = "GET /search?q=[word]"
LONGEST_S = 90

REVISION = """
import asyncio, random, sys

from locust_rs.demo import service
from locust_rs.demo.http_server import Reply


class Revision(service.Shop):
    async def handle(self, request):
        # Far more than what a busy machine adds, so that the shop decides about the times.
        is_search = request.path.startswith("/search")
        await asyncio.sleep(0.36 if is_search and "{kind}" == "slower" else 0.3)
        if is_search and "{kind}" == "failing" and random.random() < 0.3:
            return Reply(b"{{}}", 503)
        reply = super().handle(request)
        return reply if isinstance(reply, Reply) else await reply


service.Shop = Revision
sys.exit(service.main())
"""


@contextmanager
def served(kind: str) -> Iterator[str]:
    """A revision of the shop, and its address."""
    with subprocess.Popen(
        [sys.executable, "-c", REVISION.format(kind=kind)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "LOCUST_SKIP_MONKEY_PATCH": "1"},
    ) as shop:
        assert shop.stdout is not None
        assert shop.stdin is not None
        try:
            yield shop.stdout.readline().split()[-1]
        finally:
            shop.stdin.close()
            shop.wait(LONGEST_S)


def begin_test(folder: Path, kind: str, url: str, *arguments: str) -> subprocess.Popen[str]:
    """Starts a load test whose files are named for the revision."""
    command = [sys.executable, "-m", "locust", "-f", str(LOCUSTFILE), "Shopper", "--host", url, "--headless"]
    command += ["-u", "60", "-r", "60", "-t", "10", "--only-summary", "--history", "kept", "--profile", "shop"]
    command += ["--threshold", "failures < 50%", "--results", f"{kind}.json"]
    command += ["--junit", f"{kind}.xml", "--markdown", f"{kind}.md", *arguments]
    environment = {**os.environ, "LOCUST_NO_HISTORY": "false", "COLUMNS": "160"}
    return subprocess.Popen(
        command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )


def tools(folder: Path, *arguments: str) -> str:
    """What `locust-rs` prints."""
    command = [Path(sys.executable).with_name("locust-rs"), *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=LONGEST_S, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def judged(folder: Path) -> dict[str, tuple[int, str]]:
    """Tests all revisions; revision → exit code and standard error stream. The results are in the folder."""
    with served("release") as url:
        release = begin_test(folder, "release", url)
        output = release.communicate(timeout=LONGEST_S)[1]
        assert release.returncode == 0, output
    tools(folder, "runs", "--history", "kept", "tag", "last", "release")
    gate = ("--baseline", "release", "--fail-on-regression", "--threshold", f"p95({SEARCH}) < baseline * 2 + 1s")
    ended = {}
    with ExitStack() as stack:
        # At the same time, so that three processes keep their runs in one file.
        tests = {
            kind: begin_test(folder, kind, stack.enter_context(served(kind)), *gate)
            for kind in ("same", "slower", "failing")
        }
        for kind, test in tests.items():
            output = test.communicate(timeout=LONGEST_S)[1]
            ended[kind] = (test.returncode, output)
    return ended


CASES = {"same": (0, ""), "slower": (99, "typical time"), "failing": (99, "failures 0.00% → ")}


@pytest.mark.races_with_the_machine("compares times that were measured while the machine did something else")
def test_revisions_are_stored_compared_gated_and_reported(tmp_path: Path) -> None:
    # One test, so that its second chance measures again.
    for kind, (code, output) in judged(tmp_path).items():
        assert code == CASES[kind][0], output
        check_reports(tmp_path, kind, output)
    check_history(tmp_path)


def check_reports(folder: Path, kind: str, output: str) -> None:
    """Validates the files of a revision, and that they all tell the same."""
    worse = CASES[kind][1]
    results = json.loads((folder / f"{kind}.json").read_text())
    jsonschema_rs.validator_for(json.loads((ROOT / "docs/schemas/results-1.json").read_text())).validate(results)
    found = results["comparison"]["regressions"]
    assert list(found) == ([SEARCH] if worse else [])
    assert results["passed"] is not bool(worse)
    assert ("No regression." in output) is not bool(worse)
    junit = (folder / f"{kind}.xml").read_text()
    xmlschema.XMLSchema(str(ROOT / "tests/vectors/junit.xsd")).validate(junit)
    suites = {suite.get("name"): suite for suite in ET.fromstring(junit.encode()).iter("testsuite")}
    failed = [case.get("name") for case in suites["locust.regressions"] if case.find("failure") is not None]
    assert failed == list(found)
    assert suites["locust.thresholds"].get("failures") == "0"
    markdown = (folder / f"{kind}.md").read_text()
    assert ("❌ regression" in markdown) is bool(worse)
    assert worse in found.get(SEARCH, "")


def check_history(folder: Path) -> None:
    """What is kept is what was reported, and can be exported and compared."""
    kept = json.loads(tools(folder, "runs", "--history", "kept", "list", "--profile", "shop", "--json"))
    assert [run["state"] for run in kept] == ["finished"] * 4
    assert [run["tag"] for run in kept if run["tag"]] == ["release"]
    for kind in CASES:
        written = json.loads((folder / f"{kind}.json").read_text())
        same = [run for run in kept if run["result"]["run"]["start"] == written["run"]["start"]]
        assert written["total"] in [run["result"]["total"] for run in same]
    exported = folder / "release.json.gz"
    tools(folder, "runs", "--history", "kept", "export", "release", str(exported))
    assert SEARCH in tools(folder, "compare", str(exported), "last", "--history", "kept")
