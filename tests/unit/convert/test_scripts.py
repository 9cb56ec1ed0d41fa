"""Test scripts of Postman and JetBrains: the forms in which people expect statuses and keep values."""

from __future__ import annotations

import pytest

from locust_rs.convert.model import Header, JsonPath
from locust_rs.convert.readers.scripts import read_script
from locust_rs.convert.readers.variables import parse_path


@pytest.mark.parametrize(
    ("code", "statuses"),
    [
        ("pm.response.to.have.status(201);", (201,)),
        ("pm.test('x', () => { pm.expect(pm.response.code).to.equal(204) })", (204,)),
        ("pm.expect(pm.response.code).to.be.oneOf([200, 202]);", (200, 202)),
        ('tests["Status code is 200"] = responseCode.code === 200;', (200,)),
        ('client.assert(response.status === 401, "no");', (401,)),
        ("// pm.response.to.have.status(201)", ()),
        ("pm.expect(pm.response.responseTime).to.be.below(200);", ()),
    ],
)
def test_expected_statuses_are_found(code: str, statuses: tuple[int, ...]) -> None:
    assert read_script(code).statuses == statuses


@pytest.mark.parametrize(
    ("code", "name", "source"),
    [
        ('pm.environment.set("t", pm.response.json().token)', "t", JsonPath(("token",))),
        ("pm.collectionVariables.set('t', pm.response.json()[0]['a-b']);", "t", JsonPath((0, "a-b"))),
        ("const j = pm.response.json();\npm.globals.set('t', j.data.id);", "t", JsonPath(("data", "id"))),
        ("let d = pm.response.json().data\npm.variables.set('t', d.id)", "t", JsonPath(("data", "id"))),
        ("var d = JSON.parse(responseBody);\npostman.setEnvironmentVariable('t', d.x);", "t", JsonPath(("x",))),
        ("pm.environment.set('t', pm.response.headers.get('X-Id'));", "t", Header("X-Id")),
        ('client.global.set("t", response.body.a.b);', "t", JsonPath(("a", "b"))),
        ('client.global.set("t", response.headers.valueOf("X-Id"));', "t", Header("X-Id")),
    ],
)
def test_kept_values_are_found(code: str, name: str, source: object) -> None:
    assert read_script(code).kept == [(name, source)]


@pytest.mark.parametrize(
    "code",
    [
        "pm.environment.set('t', Math.random());",
        "pm.environment.set('t', unknown.x);",
        "pm.environment.set('t', 'constant');",
        "console.log(pm.response.json().token);",
    ],
)
def test_what_only_javascript_knows_is_no_kept_value(code: str) -> None:
    assert not read_script(code)


@pytest.mark.parametrize(
    ("path", "keys"),
    [
        ("$.a.b[0]", ("a", "b", 0)),
        ("a['b c'][\"d\"]", ("a", "b c", "d")),
        ("$", ()),
        ("$..a", None),
        ("$.a[*]", None),
        ("a b", None),
    ],
)
def test_paths_to_one_value_are_read(path: str, keys: tuple[str | int, ...] | None) -> None:
    assert parse_path(path) == keys
