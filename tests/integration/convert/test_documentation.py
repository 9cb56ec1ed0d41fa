"""The example of docs/convert.md: the input becomes the locustfile that stands there, and that runs."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from convert_case.running import run_until
from convert_case.server import Answer, recording_server

PAGE = Path(__file__).resolve().parents[3] / "docs" / "convert.md"


def code(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert found, f"no example in {language}"
    return found[1]


def convert(folder: Path, name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [Path(sys.executable).with_name("locust-rs"), "convert", name, *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, check=False)


def test_the_example_is_what_the_command_writes(tmp_path: Path) -> None:
    (tmp_path / "shop.http").write_text(code("http"))
    done = convert(tmp_path, "shop.http")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == code("python")


def test_the_example_runs(tmp_path: Path) -> None:
    with recording_server() as server:
        server.forget({"/checkout": Answer({"total": 1}, 201)})
        file = tmp_path / "locustfile.py"
        file.write_text(code("python").replace("http://127.0.0.1:8080", server.url))
        run_until(lambda: len(server.seen) >= 4, file, environment={"PASSWORD": "locust"})
        seen = [f"{each.method} {each.target}" for each in server.seen[:4]]
        assert seen == ["POST /login", "GET /products/17", "POST /cart", "POST /checkout"]
        assert server.seen[0].json == {"username": "ann", "password": "locust"}


def test_the_message_is_the_one_that_is_shown(tmp_path: Path) -> None:
    entry = '{"request": {"method": "GET", "url": "http://a.test/"}}'
    (tmp_path / "broken.har").write_text(f'{{"log": {{"entries": [{entry}, {entry}, {entry}, {{"request": {{}}}}]}}}}')
    done = convert(tmp_path, "broken.har")
    assert (done.returncode, done.stdout) == (2, "")
    assert f"$ locust-rs convert broken.har\n{done.stderr}" in PAGE.read_text()
