"""The command `locust-rs convert`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from convert_case.cases import entry, har
from locust_rs.cli.commands import main

SITE = har(
    entry("GET", "/a", headers={"User-Agent": "Mozilla", "X-A": "1"}),
    entry("GET", "/b.css", headers={"User-Agent": "Mozilla", "X-A": "1"}, resource="stylesheet"),
    entry("OPTIONS", "/c", headers={"User-Agent": "Mozilla", "X-A": "1"}),
)


def convert(*arguments: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(main, ["convert", *arguments], input=stdin)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("site.har").write_text(SITE)
    return tmp_path


def test_the_locustfile_goes_to_standard_output() -> None:
    done = convert("site.har")
    assert (done.exit_code, done.stderr) == (0, "")
    compile(done.stdout, "locustfile.py", "exec")
    assert "class SiteUser(FastHttpUser):" in done.stdout


def test_the_locustfile_goes_to_a_file() -> None:
    Path("out.py").write_text("old")
    done = convert("site.har", "-o", "out.py")
    assert (done.exit_code, done.output) == (0, "")
    assert "class SiteUser" in Path("out.py").read_text()
    assert sorted(path.name for path in Path().iterdir()) == ["out.py", "site.har"]


def test_standard_input_is_an_input() -> None:
    assert 'self.client.get("/x")' in convert("-", stdin="curl http://a.test/x").stdout


def test_each_input_is_a_journey() -> None:
    Path("b.sh").write_text("curl http://a.test/x")
    text = convert("site.har", "b.sh").stdout
    assert "class SiteUser" in text
    assert "class BUser" in text


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('{"log": {"entries": [{}]}}', "Error: bad.har:/log/entries/0: 'request' is missing\n"),
        ("{", "Error: bad.har:1:2: not valid JSON: Expecting property name enclosed in double quotes\n"),
        (b'{"a": "\n\xff"}', "Error: bad.har:2:1: not a text in UTF-8\n"),
    ],
    ids=["pointer", "line and column", "encoding"],
)
def test_malformed_input_is_named_and_nothing_is_written(content: str | bytes, said: str) -> None:
    Path("bad.har").write_bytes(content if isinstance(content, bytes) else content.encode())
    Path("out.py").write_text("as it was")
    done = convert("site.har", "bad.har", "-o", "out.py")
    assert (done.exit_code, done.stderr, done.stdout) == (2, said, "")
    assert Path("out.py").read_text() == "as it was"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["missing.har"], "missing.har can't be read: No such file or directory"),
        (["site.har", "-o", "no/such/out.py"], "no/such/out.py can't be written: No such file or directory"),
        (["site.har", "--plugins", "mine.py"], "har2locust's plug-ins work on its own data"),
        (["site.har", "--disable-plugins", "nothing.py"], "there is no nothing; known are"),
        (["site.har", "--format", "xml"], "'xml' is not one of"),
        (["site.har", "-e", "missing.json"], "missing.json can't be read"),
        ([], "Missing argument 'INPUT...'"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_mistake_is_said_with_exit_code_2(arguments: list[str], said: str) -> None:
    done = convert(*arguments)
    assert done.exit_code == 2
    assert said in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("arguments", "paths"),
    [
        ([], ["/a"]),
        (["--resource-types", "stylesheet"], ["/b.css"]),
        (["--resource-types", "all"], ["/a", "/b.css"]),
        (["--disable-plugins", "1_resourcefilter.py,2_methodignore.py"], ["/a", "/b.css", "/c"]),
    ],
    ids=lambda value: " ".join(value),
)
def test_resource_types_and_methods_are_chosen(arguments: list[str], paths: list[str]) -> None:
    text = convert("site.har", *arguments).stdout
    assert [path for path in ("/a", "/b.css", "/c") if f'"{path}"' in text] == paths


def test_headers_of_browsers_stay_if_that_is_wished() -> None:
    assert "Mozilla" not in convert("site.har").stdout
    assert "Mozilla" in convert("site.har", "--disable-plugins", "headerignore").stdout
    assert "default_headers" in convert("site.har", "--resource-types", "all").stdout
    assert (
        "default_headers"
        not in convert("site.har", "--resource-types", "all", "--disable-plugins", "default_headers").stdout
    )


def test_files_of_har2locust_are_read() -> None:
    Path(".urlignore").write_text("\\.css$\n")
    Path(".headerignore").write_text("^x-a\n(?i)^x-a\n")
    Path(".methodignore").write_text("GET\n")
    done = convert("site.har", "--resource-types", "all", "--disable-plugins", "methodignore")
    assert done.exit_code == 0, done.stderr
    assert "b.css" not in done.stdout
    assert "X-A" not in done.stdout
    Path(".urlignore").write_text("(\n")
    assert ".urlignore:1: not a regular expression" in convert("site.har").stderr


@pytest.mark.parametrize(
    ("environment", "arguments"),
    [
        ({"values": [{"key": "host", "value": "b.test"}, {"key": "host", "value": "no", "enabled": False}]}, []),
        ({"dev": {"host": "a.test"}, "prod": {"host": "b.test"}}, ["--environment-name", "prod"]),
        ({"only": {"host": "b.test"}}, []),
    ],
    ids=["Postman", "JetBrains", "one of JetBrains"],
)
def test_variables_come_from_an_environment(environment: object, arguments: list[str]) -> None:
    Path("a.http").write_text("@host = a.test\nGET http://{{host}}/x")
    Path("env.json").write_text(json.dumps(environment))
    assert 'host = "http://b.test"' in convert("a.http", "-e", "env.json", *arguments).stdout


def test_the_last_environment_wins() -> None:
    Path("a.http").write_text("GET http://{{host}}/{{path}}")
    Path("env.json").write_text('{"dev": {"host": "a.test", "path": "x"}}')
    Path("private.json").write_text('{"dev": {"host": "b.test"}}')
    text = convert("a.http", "-e", "env.json", "-e", "private.json").stdout
    assert 'host = "http://b.test"' in text
    assert '"/x"' in text


def test_an_environment_without_a_name_is_asked_for() -> None:
    Path("a.http").write_text("GET http://{{host}}/x")
    Path("env.json").write_text('{"dev": {}, "prod": {}}')
    done = convert("a.http", "-e", "env.json")
    assert done.exit_code == 2
    assert done.stderr == "Error: env.json: name one of its environments with --environment-name: dev, prod\n"


def test_a_template_writes_the_locustfile() -> None:
    Path("mine.jinja2").write_text(
        "# {{ class_name }} {{ host }}\n"
        "{% for e in entries %}{{ e.request.method }} {{ e.request.url | python }}"
        "{% for h in e.request.headers %} {{ h.name }}={{ h.value }}{% endfor %} {{ e.response.status }}\n{% endfor %}"
    )
    Path("a.sh").write_text('curl http://a.test/x -H "X-T: $TENANT"')
    assert convert("a.sh", "-t", "mine.jinja2").stdout == '# AUser http://a.test\nGET "/x" X-T={TENANT} None\n'


@pytest.mark.parametrize(
    ("template", "said"),
    [("\n{% for %}", "broken.jinja2:2: "), ("{{ nothing }}", "broken.jinja2: 'nothing' is undefined")],
    ids=["syntax", "name"],
)
def test_a_broken_template_is_named(template: str, said: str) -> None:
    Path("broken.jinja2").write_text(template)
    done = convert("site.har", "-t", "broken.jinja2", "-o", "out.py")
    assert done.exit_code == 2
    assert said in done.stderr
    assert not Path("out.py").exists()
