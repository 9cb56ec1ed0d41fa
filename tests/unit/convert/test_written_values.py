"""Whatever stands in a recording stands in the locustfile, and ruff has nothing to change there."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from convert_case.cases import entry, har
from locust_rs.convert.conversion import Source, convert
from locust_rs.convert.passes.secrets import is_secret

TEXTS = st.text(
    alphabet=st.one_of(st.sampled_from("ab'\"\\{}\n\t\0 &=%"), st.characters(exclude_categories=["Cs"])), max_size=60
)
NAMES = TEXTS.filter(lambda name: not is_secret(name))
DOCUMENTS = st.recursive(
    st.none() | st.booleans() | st.integers(-999, 999) | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
).filter(lambda document: document is not None)
HEADER_VALUES = st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=60)


def locustfile(*entries: dict[str, Any], name: str = "site.har") -> str:
    return convert([Source(name, har(*entries))]).locustfile()


def keywords(text: str) -> dict[str, Any]:
    """The keywords of the one call of the client; constants and `.encode()` are followed."""
    tree = ast.parse(text)
    constants = {
        node.targets[0].id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }

    class Constants(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.AST:
            return constants.get(node.id, node)

    call = next(
        node for node in ast.walk(tree) if isinstance(node, ast.Call) and "self.client." in ast.unparse(node.func)
    )
    found = {}
    for keyword in call.keywords:
        value = Constants().visit(keyword.value)
        encoded = isinstance(value, ast.Call) and ast.unparse(value.func).endswith(".encode")
        found[str(keyword.arg)] = (
            ast.literal_eval(value.func.value).encode() if encoded else ast.literal_eval(value)  # type: ignore[attr-defined]
        )
    return found


@settings(max_examples=40, deadline=None)
@given(DOCUMENTS)
def test_json_arrives_as_it_was(document: Any) -> None:
    assert keywords(locustfile(entry("POST", "/x", body=json.dumps(document))))["json"] == document


@settings(max_examples=40, deadline=None)
@given(TEXTS.filter(bool))
def test_texts_arrive_as_they_were(text: str) -> None:
    sent = keywords(locustfile(entry("POST", "/x", body=text, kind="text/plain")))["data"]
    assert (sent.decode() if isinstance(sent, bytes) else sent) == text


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(NAMES, TEXTS, min_size=1, max_size=5))
def test_forms_arrive_as_they_were(fields: dict[str, str]) -> None:
    parameters = [{"name": name, "value": value} for name, value in fields.items()]
    recorded = entry("POST", "/x", postData={"mimeType": "application/x-www-form-urlencoded", "params": parameters})
    assert keywords(locustfile(recorded))["data"] == fields


@settings(max_examples=40, deadline=None)
@given(HEADER_VALUES)
def test_headers_arrive_as_they_were(value: str) -> None:
    assert keywords(locustfile(entry("GET", "/x", headers={"X-Thing": value})))["headers"] == {"X-Thing": value}


@pytest.mark.parametrize("depth", [48, 54, 150, 300, 900])
def test_deep_documents_arrive_as_they_were(depth: int) -> None:
    text = '{"a": [' * (depth // 2) + "]}" * (depth // 2)
    sent = keywords(locustfile(entry("POST", "/x", body=text, answer=text)))
    assert (sent["json"] if depth < 50 else json.loads(sent["data"])) == json.loads(text)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(DOCUMENTS, TEXTS, HEADER_VALUES), min_size=1, max_size=8), TEXTS)
def test_ruff_leaves_every_locustfile_alone(requests: list[tuple[Any, str, str]], name: str) -> None:
    entries = []
    for document, text, header in requests:
        entries.append(entry("POST", f"/{len(text)}/x", body=json.dumps(document), headers={"X-Thing": header}))
        entries.append(entry("PUT", "/t", body=text + ".", kind="text/plain", status=404, at_s=len(text)))
    written = locustfile(*entries, name=name + ".har")
    ruff = Path(sys.executable).with_name("ruff")
    done = subprocess.run([ruff, "format", "--isolated", "-"], input=written.encode(), capture_output=True, check=False)
    assert done.stdout.decode() == written, done.stderr.decode()


def test_every_name_in_a_file_is_its_own() -> None:
    sources = [
        Source(name, har(entry("GET", "/a"), entry("GET", "/a"))) for name in ("x.har", "x.har", "Fast-http.har")
    ]
    tree = ast.parse(convert(sources).locustfile())
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    assert [node.name for node in classes] == ["XUser", "XUser_2", "FastHttpUser_2"]
