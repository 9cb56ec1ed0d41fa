"""Each input of the corpus is converted and run, and a server sees the requests that the input means."""

from __future__ import annotations

import dataclasses
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from convert_case import document_corpus, har_corpus, text_corpus
from convert_case.cases import OTHER, SITE, Case
from convert_case.running import run_until
from convert_case.server import Seen, Server, recording_server
from locust_rs.convert.conversion import Source, convert
from locust_rs.convert.options import Options

CORPUS = har_corpus.CASES + text_corpus.CASES + document_corpus.CASES


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with recording_server() as started:
        yield started


def named(case: Case) -> str:
    return f"{case.file}: {case.name}"


def aimed_at(case: Case, server: Server) -> str:
    """The input with the server's addresses in it; host and path of their own where a format takes URLs apart."""
    text = case.text.replace(SITE, server.url).replace(OTHER, server.other_url)
    text = text.replace("@site.test", f"@{server.url.removeprefix('http://')}")
    host, port = server.url.removeprefix("http://").split(":")
    return text.replace('"host": ["site", "test"]', f'"host": {host.split(".")!r}, "port": "{port}"'.replace("'", '"'))


def converted(case: Case, server: Server) -> str:
    text = convert([Source(case.file, aimed_at(case, server))], Options(**case.options)).locustfile()
    for expected in case.written:
        assert expected in text, text
    for unexpected in case.unwritten:
        assert unexpected not in text, text
    return text


def run(case: Case, server: Server, folder: Path, **how: object) -> list[Seen]:
    """The requests of one round; of a class without order at least those of one round."""
    file = folder / "locustfile.py"
    file.write_text(converted(case, server))
    for name, content in case.files.items():
        (folder / name).write_text(content)
    server.forget(case.answers)

    def enough() -> bool:
        seen = {(each.method, each.target) for each in server.seen}
        wanted = {(each.method, each.target) for each in case.sent}
        return len(server.seen) >= len(case.sent) if case.ordered else wanted <= seen

    classes = re.findall(r"(?m)^class (\w+)", file.read_text())
    run_until(enough, file, *classes, environment=case.environment, **how)  # type: ignore[arg-type]
    return list(server.seen)


def check(case: Case, seen: list[Seen]) -> None:
    for number, sent in enumerate(case.sent):
        if case.ordered:
            sent.check(seen[number])
        else:
            sent.check(next(each for each in seen if (each.method, each.target) == (sent.method, sent.target)))


@pytest.mark.parametrize("case", CORPUS, ids=named)
def test_the_server_sees_the_requests_of_the_input(case: Case, server: Server, tmp_path: Path) -> None:
    check(case, run(case, server, tmp_path))


@pytest.mark.stock
@pytest.mark.parametrize("case", CORPUS[8:11] + text_corpus.CASES[1:3] + document_corpus.CASES[-2:], ids=named)
def test_stock_locust_makes_the_same_requests(case: Case, server: Server, tmp_path: Path, stock_python: Path) -> None:
    check(case, run(case, server, tmp_path, python=stock_python))


@pytest.mark.parametrize("case", CORPUS, ids=named)
def test_the_layout_is_that_of_ruff(case: Case, server: Server, tmp_path: Path) -> None:
    file = tmp_path / "locustfile.py"
    file.write_text(converted(dataclasses.replace(case), server))
    ruff = Path(sys.executable).with_name("ruff")
    for arguments in (["format", "--diff", "--isolated"], ["check", "--isolated", "--select", "E4,E7,E9,F,I,W"]):
        done = subprocess.run([ruff, *arguments, str(file)], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr + file.read_text()
