"""Postman collections and OpenAPI descriptions."""

from __future__ import annotations

import base64
import json
from typing import Any

from convert_case.cases import SITE, Case, Sent
from convert_case.server import Answer

BASIC = "Basic " + base64.b64encode(b"U:P").decode()


def request(name: str, method: str, url: object, **more: Any) -> dict[str, Any]:
    events = more.pop("event", None)
    made: dict[str, Any] = {"name": name, "request": {"method": method, "url": url, **more}}
    return made if events is None else {**made, "event": events}


def collection(*items: dict[str, Any], **more: Any) -> str:
    schema = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
    return json.dumps({"info": {"name": "Web shop", "schema": schema}, "item": list(items), **more})


def pairs(**values: str) -> list[dict[str, str]]:
    return [{"key": key, "value": value} for key, value in values.items()]


POSTMAN = [
    Case(
        "URLs as texts and as objects",
        "c.json",
        collection(
            request("plain", "GET", "{{base}}/a?x=1"),
            request(
                "object",
                "GET",
                {
                    "raw": "{{base}}/u/:id/:kind?x=1&y=2",
                    "query": [*pairs(x="1"), {"key": "y", "value": "2", "disabled": True}],
                    "variable": pairs(id="17", kind="a-b"),
                },
            ),
            request(
                "parts",
                "GET",
                {"protocol": "http", "host": ["site", "test"], "path": ["p", "q"], "query": pairs(z="3")},
            ),
            {"name": "only a URL", "request": f"{SITE}/only"},
            variable=pairs(base=SITE),
        ),
        [Sent("GET", "/a?x=1"), Sent("GET", "/u/17/a-b?x=1"), Sent("GET", "/p/q?z=3"), Sent("GET", "/only")],
        written=("class WebShopUser(", "def only_a_url(self)", "def object(self)"),
    ),
    Case(
        "bodies",
        "c.json",
        collection(
            request(
                "json",
                "POST",
                f"{SITE}/j",
                body={"mode": "raw", "raw": '{"n": {{n}}, "s": "{{n}}"}', "options": {"raw": {"language": "json"}}},
            ),
            request(
                "form",
                "POST",
                f"{SITE}/f",
                body={
                    "mode": "urlencoded",
                    "urlencoded": [*pairs(a="x & y"), {"key": "off", "value": "", "disabled": True}],
                },
            ),
            request(
                "parts",
                "POST",
                f"{SITE}/m",
                body={
                    "mode": "formdata",
                    "formdata": [*pairs(t="1"), {"key": "f", "type": "file", "src": "notes.txt"}],
                },
            ),
            request(
                "graph",
                "POST",
                f"{SITE}/g",
                body={"mode": "graphql", "graphql": {"query": "{ a }", "variables": '{"v": 1}'}},
            ),
            request("text", "PUT", f"{SITE}/t", body={"mode": "raw", "raw": "hällo"}, header=pairs(**{"X-H": "1"})),
            variable=[{"key": "n", "value": 7}],
        ),
        [
            Sent("POST", "/j", json={"n": 7, "s": "7"}),
            Sent("POST", "/f", form=[("a", "x & y")]),
            Sent("POST", "/m", parts={"t": (None, "1"), "f": ("notes.txt", "meow")}),
            Sent("POST", "/g", json={"query": "{ a }", "variables": {"v": 1}}),
            Sent("PUT", "/t", text="hällo", headers={"x-h": "1", "content-type": "text/plain"}),
        ],
        files={"notes.txt": "meow"},
    ),
    Case(
        "authentication is inherited",
        "c.json",
        collection(
            request("inherited", "GET", f"{SITE}/1"),
            request("none", "GET", f"{SITE}/2", auth={"type": "noauth"}),
            request("basic", "GET", f"{SITE}/3", auth={"type": "basic", "basic": pairs(username="U", password="pw")}),
            request(
                "key",
                "GET",
                f"{SITE}/4",
                auth={"type": "apikey", "apikey": pairs(key="X-Key", value="k", **{"in": "header"})},
            ),
            request("2.0", "GET", f"{SITE}/5", auth={"type": "bearer", "bearer": {"token": "other"}}),
            auth={"type": "bearer", "bearer": pairs(token="{{token}}")},
        ),
        [
            Sent("GET", "/1", headers={"authorization": "Bearer T"}),
            Sent("GET", "/2", headers={"authorization": None}),
            Sent("GET", "/3", headers={"authorization": BASIC}),
            Sent("GET", "/4", headers={"x-key": "K"}),
            Sent("GET", "/5", headers={"authorization": "Bearer T2"}),
        ],
        environment={"TOKEN": "T", "PASSWORD": "P", "X_KEY": "K", "TOKEN_2": "T2"},
        unwritten=('"pw"', "other"),
    ),
    Case(
        "scripts keep values and name statuses",
        "c.json",
        collection(
            request(
                "log in",
                "POST",
                f"{SITE}/login",
                event=[
                    {
                        "listen": "test",
                        "script": {
                            "exec": [
                                "pm.test('made', function () { pm.response.to.have.status(201); });",
                                "var data = pm.response.json();",
                                'pm.environment.set("tok", data.auth.token);',
                            ]
                        },
                    }
                ],
            ),
            request("me", "GET", f"{SITE}/me", header=pairs(**{"X-Token": "{{tok}}", "X-Id": "{{$guid}}"})),
        ),
        [Sent("POST", "/login"), Sent("GET", "/me", headers={"x-token": "fresh"})],
        answers={"/login": Answer({"auth": {"token": "fresh"}}, 201)},
        written=("expect(response, 201)", "uuid.uuid4()"),
    ),
]

OPENAPI = f"""
openapi: 3.1.0
info: {{title: Pet store, version: '1'}}
servers: [{{url: '{SITE}/{{version}}', variables: {{version: {{default: v2}}}}}}]
security: [{{key: []}}]
paths:
  /pets:
    get:
      operationId: listPets
      parameters:
        - {{name: limit, in: query, required: true, schema: {{type: integer, minimum: 5}}}}
        - {{name: tags, in: query, example: [a, b], schema: {{type: array, items: {{type: string}}}}}}
        - {{name: optional, in: query, schema: {{type: string}}}}
        - {{name: X-Trace, in: header, required: true, schema: {{type: string, enum: [on, off]}}}}
      responses: {{'200': {{description: ok}}, default: {{description: no}}}}
    post:
      operationId: createPet
      security: [{{basic: []}}]
      requestBody: {{$ref: '#/components/requestBodies/Pet'}}
      responses:
        201:
          description: made
          content: {{application/json: {{schema: {{$ref: '#/components/schemas/Pet'}}}}}}
  /pets/{{petId}}:
    parameters: [{{name: petId, in: path, required: true, schema: {{type: string, format: uuid}}}}]
    get: {{security: [], responses: {{'200': {{description: ok}}}}}}
    delete: {{deprecated: true, responses: {{'204': {{description: gone}}}}}}
  /forms:
    post:
      security: []
      requestBody:
        content:
          application/x-www-form-urlencoded:
            schema:
              type: object
              required: [a]
              properties: {{a: {{type: string}}, b: {{type: boolean, example: true}}}}
      responses: {{}}
components:
  securitySchemes:
    key: {{type: apiKey, in: header, name: X-Key}}
    basic: {{type: http, scheme: basic}}
  requestBodies:
    Pet: {{content: {{application/json: {{schema: {{$ref: '#/components/schemas/Pet'}}}}}}}}
  schemas:
    Base: {{type: object, required: [id], properties: {{id: {{type: integer, readOnly: true}}}}}}
    Pet:
      allOf:
        - {{$ref: '#/components/schemas/Base'}}
        - type: object
          required: [name, kind]
          properties:
            name: {{type: [string, 'null'], minLength: 6}}
            kind: {{oneOf: [{{const: cat}}, {{const: dog}}]}}
            born: {{type: string, format: date, example: 2020-02-03}}
            mother: {{$ref: '#/components/schemas/Pet'}}
"""

OPENAPI_SENT = [
    Sent("GET", "/v2/pets?limit=5&tags=a&tags=b", headers={"x-trace": "on", "x-key": "K"}),
    Sent(
        "POST",
        "/v2/pets",
        json={"name": "texttext", "kind": "cat", "born": "2020-02-03"},
        headers={"authorization": BASIC},
    ),
    Sent("GET", "/v2/pets/3fa85f64-5717-4562-b3fc-2c963f66afa6", headers={"x-key": None}),
    Sent("POST", "/v2/forms", form=[("a", "text"), ("b", "true")]),
]

CASES = [
    *POSTMAN,
    Case(
        "operations become tasks with samples",
        "api.yaml",
        OPENAPI,
        OPENAPI_SENT,
        answers={"POST /v2/pets": Answer({"id": 1, "name": "x", "kind": "cat"}, 201)},
        environment={"KEY": "K", "TEST_USERNAME": "U", "PASSWORD": "P"},
        written=(
            'expect(response, 201, keys=["id", "name", "kind"])',
            'name="/v2/pets/{petId}"',
            "def list_pets(self)",
        ),
        ordered=False,
    ),
]
