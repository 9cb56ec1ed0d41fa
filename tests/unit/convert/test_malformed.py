"""Malformed inputs: each kind is named, with the place where it is."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from convert_case.cases import entry, har
from convert_case.document_corpus import collection, request
from locust_rs.convert.conversion import Source, convert
from locust_rs.convert.errors import SourceError
from locust_rs.convert.formats import FORMATS


def har_with(**changes: object) -> str:
    """A HAR of one entry, with some of the entry's keys replaced; None removes them."""
    made = {**entry("GET", "/a"), **changes}
    return har({key: value for key, value in made.items() if value is not None})


def openapi(paths: object, **more: object) -> str:
    return json.dumps({"openapi": "3.0.3", "info": {"title": "T"}, "paths": paths, **more})


REQUEST = {"method": "GET", "url": "http://site.test/a"}
MALFORMED = [
    # JSON and texts
    ("nothing", "a.har", "", "", "the input is empty"),
    ("blank", "a.sh", " \n\n", "", "the input is empty"),
    ("half a document", "a.har", '{"log": {\n  "entries": [', "2:15", "not valid JSON"),
    ("a trailing comma", "a.json", '{\n  "item": [],\n}', "3:1", "not valid JSON"),
    ("NaN", "a.json", '{"item": NaN}', "", "NaN is not a JSON number"),
    ("too deep", "a.json", "[" * 100_000, "", "nested too deeply"),
    ("deep", "a.json", "[" * 300 + "]" * 300, "", "nested too deeply: more than 200 levels"),
    ("a circle in YAML", "a.yaml", "openapi: 3.0.0\npaths: &a {/a: *a}", "", "nested too deeply"),
    ("too long a number", "a.json", '{"item": ' + "1" * 5000 + "}", "", "not valid JSON"),
    ("no object", "a.json", "[1, 2]", "", "expected an object, found a list"),
    ("no known object", "a.json", '{"a": 1}', "", "neither a HAR"),
    ("no known text", "a.txt", "hello", "", "the format is unknown"),
    # HAR
    ("no log", "a.har", '{"log": 5}', "/log", "expected an object, found a number"),
    ("no entries", "a.har", '{"log": {}}', "/log", "'entries' is missing"),
    ("empty entries", "a.har", har(), "/log/entries", "the recording is empty"),
    (
        "an entry that is a text",
        "a.har",
        '{"log": {"entries": ["x"]}}',
        "/log/entries/0",
        "expected an object, found a text",
    ),
    ("no request", "a.har", har_with(request=None), "/log/entries/0", "'request' is missing"),
    ("no URL", "a.har", har_with(request={"method": "GET"}), "/log/entries/0/request", "'url' is missing"),
    (
        "a relative URL",
        "a.har",
        har_with(request={**REQUEST, "url": "/a"}),
        "/log/entries/0/request/url",
        "'/a' is not an absolute URL",
    ),
    (
        "a broken URL",
        "a.har",
        har_with(request={**REQUEST, "url": "http://[::1/a"}),
        "/log/entries/0/request/url",
        "not a URL",
    ),
    (
        "a method that is a number",
        "a.har",
        har_with(request={**REQUEST, "method": 5}),
        "/log/entries/0/request/method",
        "expected a text, found a number",
    ),
    (
        "headers that are an object",
        "a.har",
        har_with(request={**REQUEST, "headers": {"A": "b"}}),
        "/log/entries/0/request/headers",
        "expected a list, found an object",
    ),
    (
        "a header without a name",
        "a.har",
        har_with(request={**REQUEST, "headers": [{"value": "b"}]}),
        "/log/entries/0/request/headers/0",
        "'name' is missing",
    ),
    (
        "a date in words",
        "a.har",
        har_with(startedDateTime="noon"),
        "/log/entries/0/startedDateTime",
        "'noon' is not a date and time",
    ),
    ("an endless time", "a.har", har_with(time=1e999).replace("Infinity", "1e999"), "/log/entries/0/time", "too large"),
    (
        "a status in words",
        "a.har",
        har_with(response={"status": "ok"}),
        "/log/entries/0/response/status",
        "expected a number, found a text",
    ),
    (
        "a body that is no base64",
        "a.har",
        har_with(response={"status": 200, "content": {"text": "%", "encoding": "base64"}}),
        "/log/entries/0/response/content/text",
        "not valid base64",
    ),
    (
        "nothing left",
        "a.har",
        har(entry("OPTIONS", "/a")),
        "/log/entries",
        "none of the 1 requests is left: 1 of method OPTIONS",
    ),
    (
        "half a character",
        "a.har",
        har_with(request={**REQUEST, "url": "http://a.test/\ud83d"}),
        "",
        "'\\ud83d' stands alone",
    ),
    # curl
    ("no curl", "a.sh", "# curl \necho hi", "", "no curl command"),
    ("another program", "a.sh", "curl http://a.test\nwget http://b.test", "2:1", "'wget' is not curl"),
    ("an open quote", "a.sh", "curl \\\n  'http://a.test", "2:3", "this quote does not end"),
    ("an open double quote", "a.sh", 'curl http://a.test -H "a: b', "1:23", "this quote does not end"),
    ("an open quote for Windows", "a.sh", 'curl ^"http://a.test^" ^\n -H ^"a: b', "2:6", "this quote does not end"),
    ("no URL in curl", "a.sh", "curl -s", "1:1", "has no URL"),
    ("two URLs", "a.sh", "curl http://a.test http://b.test", "1:20", "--next"),
    ("globbing", "a.sh", "curl 'http://a.test/[1-9]'", "1:6", "[1-9] stands for several URLs"),
    ("another protocol", "a.sh", "curl ftp://a.test/x", "1:6", "not a URL of HTTP"),
    ("no host", "a.sh", "curl http:///x", "1:6", "names no host"),
    ("an unknown option", "a.sh", "curl http://a.test --frobnicate", "1:20", "no option --frobnicate"),
    ("an unknown letter", "a.sh", "curl -sQx http://a.test", "1:6", "no option -Q"),
    ("a missing value", "a.sh", "curl http://a.test -H", "1:20", "--header needs a value"),
    ("an option that changes all", "a.sh", "curl -K conf", "1:6", "-K can't be converted"),
    ("no header", "a.sh", "curl http://a.test -H nonsense", "1:20", "'nonsense' is not a header"),
    ("headers in a file", "a.sh", "curl http://a.test -H @file", "1:20", "are not read"),
    ("no form field", "a.sh", "curl http://a.test -F x", "1:20", "not a form field"),
    ("a file among data", "a.sh", "curl http://a.test -d a=1 -d @f", "1:20", "other data"),
    ("no number of seconds", "a.sh", "curl http://a.test -m soon", "1:20", "'soon' is not a number"),
    ("a substitution", "a.sh", "curl http://a.test/$(id)", "1:20", "only a shell can evaluate this"),
    ("no time to sleep", "a.sh", "curl http://a.test\nsleep long", "2:7", "'long' is no time"),
    ("a here-document", "a.sh", "curl http://a.test -d @- <<EOF\nx\nEOF", "1:26", "can't be converted"),
    # .http
    ("no request in it", "a.http", "### nothing\n# here", "", "there is no request"),
    ("no URL in .http", "a.http", "\nGET ???", "2:5", "'???' is not a URL"),
    ("no header in .http", "a.http", "GET http://a.test\nwhat is this", "2:1", "'what is this' is not a header"),
    ("an open script", "a.http", "GET http://a.test\n\n> {%\nclient.log(1)", "3:1", "does not end with %}"),
    (
        "an unknown response",
        "a.http",
        "GET http://a.test/{{who.response.body.$.x}}",
        "1:1",
        "no request before this one is named 'who'",
    ),
    (
        "a path to many values",
        "a.http",
        "# @name a\nGET http://a.test\n###\nGET http://a.test/{{a.response.body.$..x}}",
        "4:1",
        "not a path to one value",
    ),
    ("a variable in itself", "a.http", "@a = {{b}}\n@b = {{a}}\nGET http://{{a}}.test", "3:1", "contains itself"),
    ("curl in .http", "a.http", "### a\n\ncurl http://a.test --frob", "3:20", "no option --frob"),
    # Postman
    ("format 1", "a.json", '{"id": "1", "requests": []}', "/requests", "format 1"),
    ("no items", "a.json", '{"info": {"name": "x"}}', "", "'item' is missing"),
    ("an empty collection", "a.json", collection(), "/item", "has no requests"),
    ("no request in Postman", "a.json", collection({"name": "x"}), "/item/0", "'request' is missing"),
    ("no URL in Postman", "a.json", collection({"request": {"method": "GET"}}), "/item/0/request", "'url' is missing"),
    ("another protocol in Postman", "a.json", collection({"request": "ws://a.test"}), "/item/0/request", "URL of HTTP"),
    (
        "an empty URL in Postman",
        "a.json",
        collection(request("x", "GET", {"raw": "", "path": ["a"]})),
        "/item/0/request/url/raw",
        "the URL is empty",
    ),
    (
        "a body of a strange mode",
        "a.json",
        collection(request("x", "GET", "http://a.test", body={"mode": "odd"})),
        "/item/0/request/body/mode",
        "'odd' is not a mode",
    ),
    (
        "a file field without a file",
        "a.json",
        collection(
            request("x", "GET", "http://a.test", body={"mode": "formdata", "formdata": [{"key": "f", "type": "file"}]})
        ),
        "/item/0/request/body/formdata/0",
        "'f' names no file",
    ),
    (
        "headers that are a number",
        "a.json",
        collection(request("x", "GET", "http://a.test", header=5)),
        "/item/0/request/header",
        "expected a list, found a number",
    ),
    # OpenAPI
    ("Swagger 2", "a.json", '{"swagger": "2.0"}', "/swagger", "Swagger 2.0 is not read"),
    ("OpenAPI 4", "a.json", '{"openapi": "4.0.0"}', "/openapi", "only 3.0 and 3.1"),
    ("broken YAML", "a.yaml", "openapi: 3.0.0\npaths: [", "2:9", "not valid YAML"),
    ("a tag in YAML", "a.yaml", "openapi: !!python/name:os.system x", "1:10", "not valid YAML"),
    ("no paths", "a.json", '{"openapi": "3.0.0"}', "", "'paths' is missing"),
    ("empty paths", "a.json", openapi({}), "/paths", "no operation"),
    ("a path without a slash", "a.json", openapi({"a": {"get": {}}}), "/paths/a", "does not begin with a slash"),
    (
        "a reference to nothing",
        "a.json",
        openapi({"/a": {"get": {"parameters": [{"$ref": "#/components/x"}]}}}),
        "/paths/~1a/get/parameters/0/$ref",
        "leads nowhere",
    ),
    (
        "a reference to a file",
        "a.json",
        openapi({"/a": {"$ref": "other.yaml"}}),
        "/paths/~1a/$ref",
        "is in another file",
    ),
    (
        "references in a circle",
        "a.json",
        openapi(
            {"/a": {"get": {"requestBody": {"$ref": "#/components/x"}}}}, components={"x": {"$ref": "#/components/x"}}
        ),
        "/paths/~1a/get/requestBody",
        "go in a circle",
    ),
    (
        "an undescribed parameter",
        "a.json",
        openapi({"/a/{b}": {"get": {}}}),
        "/paths/~1a~1{b}/get",
        "'b' is not described",
    ),
    (
        "a parameter in the air",
        "a.json",
        openapi({"/a": {"get": {"parameters": [{"name": "x", "in": "air"}]}}}),
        "/paths/~1a/get/parameters/0/in",
        "no place of parameters",
    ),
    (
        "an undescribed security scheme",
        "a.json",
        openapi({"/a": {"get": {"security": [{"k": []}]}}}),
        "/paths/~1a/get/security/0/k",
        "'k' is not described",
    ),
]


@pytest.mark.parametrize(
    ("file", "text", "position", "problem"), [each[1:] for each in MALFORMED], ids=[each[0] for each in MALFORMED]
)
def test_what_is_wrong_is_named_with_its_place(file: str, text: str, position: str, problem: str) -> None:
    with pytest.raises(SourceError) as raised:
        convert([Source(file, text)])
    assert problem in raised.value.problem
    assert raised.value.position == position
    assert str(raised.value).startswith(f"{file}:{position}: " if position else f"{file}: ")


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.just("\ud800")
    | st.sampled_from(["GET", "http://a.test", "/a", "#/a"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
WHOLE = {
    "har": har(entry("POST", "/a", body="{}", headers={"Cookie": "a=b"}, answer={"id": 12345})),
    "postman": collection(
        request(
            "x",
            "POST",
            {"raw": "http://a.test/:a", "query": [{"key": "a"}]},
            body={"mode": "raw", "raw": "x"},
            auth={"type": "basic", "basic": [{"key": "username", "value": "u"}]},
        )
    ),
    "openapi": openapi(
        {
            "/a/{b}": {
                "post": {
                    "parameters": [{"name": "b", "in": "path", "schema": {"type": "string"}}],
                    "requestBody": {
                        "content": {
                            "application/json": {"schema": {"type": "object", "properties": {"x": {"type": "integer"}}}}
                        }
                    },
                    "responses": {"200": {}},
                }
            }
        }
    ),
}


def places(node: object, path: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [path, *(place for key, child in children for place in places(child, (*path, key)))]


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_document_with_anything_in_any_place_is_converted_or_named(data: st.DataObject) -> None:
    format_ = data.draw(st.sampled_from(sorted(WHOLE)))
    document = json.loads(WHOLE[format_])
    place = data.draw(st.sampled_from(places(document)[1:]))
    node = document
    for key in place[:-1]:
        node = node[key]
    node[place[-1]] = data.draw(VALUES)
    converted_or_named(format_, json.dumps(document))


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(["curl", "http"]), st.text(alphabet="curl -Hdx'\"\\$@{}<>%=#:/?&|;^\n ahttp://GET", max_size=60))
def test_any_text_is_converted_or_named(format_: str, text: str) -> None:
    converted_or_named(format_, text)
    converted_or_named(format_, f"curl http://a.test {text}" if format_ == "curl" else f"GET http://a.test\n{text}")


def converted_or_named(format_: str, text: str) -> None:
    assert format_ in FORMATS
    with contextlib.suppress(SourceError):
        compile(convert([Source("x", text, format_)]).locustfile(), "locustfile.py", "exec")
