"""JSON, JUnit, Markdown, and what GitHub and GitLab read: valid by their schemas, whatever the run was like."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import jsonschema_rs
import pytest
import xmlschema

from locust_rs.ci.github import MOST_ANNOTATIONS, annotation_lines, fitting_summary
from locust_rs.ci.gitlab import load_performance, metrics
from locust_rs.ci.junit import junit_xml
from locust_rs.ci.markdown import MOST_ROWS, markdown
from locust_rs.ci.results import run_results

ROOT = Path(__file__).parents[3]
RESULTS = jsonschema_rs.validator_for(json.loads((ROOT / "docs/schemas/results-1.json").read_text()))
JUNIT = xmlschema.XMLSchema(str(ROOT / "tests/vectors/junit.xsd"))

HOSTILE = 'GET`|<b>"\x00\x1b&\ud800\n]]>%::error::*_'

RUNS: dict[str, dict[str, Any]] = {
    "nothing": {},
    "good": {"thresholds": ["p95 < 1s"], "requests": [("/cart", 12.0, None), ("/item", 5.5, None)]},
    "broken": {"thresholds": ["p95 < 1ms", "failures < 1%"], "requests": [("/cart", 12.0, ValueError("no"))]},
    "unmeasured": {"thresholds": ["p95(/nope) < 1s"], "requests": [("/cart", None, None)]},
    "failing": {"requests": [("/cart", 12.0, "503"), ("/cart", 12.0, None)], "exceptions": ["KeyError: 'x'"]},
    "hostile": {
        "thresholds": ['p95("<&|`") < 1s'],
        "requests": [(HOSTILE, 1.0, HOSTILE)],
        "exceptions": [HOSTILE],
    },
}


@pytest.fixture(params=RUNS, ids=str)
def results(request: pytest.FixtureRequest, finished: Any) -> dict[str, Any]:
    """The results of each kind of run."""
    run = RUNS[request.param]
    environment = finished(
        *run.get("thresholds", []), requests=run.get("requests", []), exceptions=run.get("exceptions", [])
    )
    return run_results(environment)


def of(finished: Any, name: str) -> dict[str, Any]:
    run = RUNS[name]
    return run_results(
        finished(*run.get("thresholds", []), requests=run.get("requests", []), exceptions=run.get("exceptions", []))
    )


def test_results_are_valid_by_their_published_schema(results: dict[str, Any]) -> None:
    RESULTS.validate(json.loads(json.dumps(results, allow_nan=False)))


def test_schema_refuses_what_readers_would_stumble_over(finished: Any) -> None:
    results = of(finished, "good")
    for key in results:
        assert not RESULTS.is_valid({name: value for name, value in results.items() if name != key}), key
    assert not RESULTS.is_valid({**results, "version": 2})


def test_junit_is_valid_by_its_schema(results: dict[str, Any]) -> None:
    text = junit_xml(results)
    JUNIT.validate(text)
    root = ET.fromstring(text.encode())
    cases = list(root.iter("testcase"))
    assert int(root.get("tests", -1)) == len(cases)
    assert int(root.get("failures", -1)) == len(list(root.iter("failure")))
    assert int(root.get("errors", -1)) == len(list(root.iter("error")))
    keys = [(case.get("classname"), case.get("name")) for case in cases]
    assert len(set(keys)) == len(keys)
    assert (int(root.get("failures", -1)) + int(root.get("errors", -1)) == 0) is results["passed"]


def test_junit_says_what_failed(finished: Any) -> None:
    root = ET.fromstring(junit_xml(of(finished, "broken")).encode())
    problems = {case.get("name"): case.find("failure") for case in root.iter("testcase")}
    assert problems["p95 < 1ms"] is not None
    assert "12.0 ms" in problems["p95 < 1ms"].get("message", "")
    assert "p95 < 1ms: 12.0 ms" in (problems["p95 < 1ms"].text or "")
    # A threshold judges failures, so the endpoint alone does not fail.
    assert problems["GET /cart"] is None


def test_junit_counts_failed_requests_where_no_threshold_does(finished: Any) -> None:
    root = ET.fromstring(junit_xml(of(finished, "failing")).encode())
    endpoint = next(case for case in root.iter("testcase") if case.get("name") == "GET /cart")
    assert endpoint.find("failure").text == "1 of 2 requests failed\n1 x 503"
    assert endpoint.get("time") == "0.012"


def test_markdown_tables_have_as_many_cells_in_each_row(results: dict[str, Any]) -> None:
    text = markdown(results)
    assert ("✅ passed" in text.splitlines()[0]) is results["passed"]
    tables = [block.splitlines() for block in text.split("\n\n") if block.startswith("|")]
    for table in tables:
        cells = [line.replace("\\|", "").count("|") for line in table if line.startswith("|")]
        assert len(set(cells)) == 1, table
    assert "<b>" not in text.replace("`GET GET'\\|<b>", "")


def test_markdown_leaves_out_what_is_too_much(finished: Any) -> None:
    environment = finished(requests=[(f"/{number}", 1.0, None) for number in range(MOST_ROWS + 7)])
    text = markdown(run_results(environment))
    assert "7 more endpoints are left out." in text
    assert text.count("\n| `GET /") == MOST_ROWS


def test_annotations_are_single_lines(results: dict[str, Any]) -> None:
    lines = annotation_lines(results)
    errors = [line for line in lines if line.startswith("::error ")]
    assert bool(errors) is not results["passed"]
    for line in lines:
        assert "\n" not in line
        assert line.startswith(("::error title=", "::warning title="))
        title, _, message = line.partition(" title=")[2].partition("::")
        assert ":" not in title
        assert message


def test_annotations_are_as_many_as_are_shown(finished: Any) -> None:
    environment = finished(requests=[(f"/{number}", 1.0, "503") for number in range(30)])
    lines = annotation_lines(run_results(environment))
    assert len(lines) == MOST_ANNOTATIONS
    assert lines[-1] == "::error title=Load test::21 more failures: see the summary"


def test_summary_is_cut_at_a_line_before_it_is_too_long() -> None:
    text = "".join(f"line {number} äöü\n" for number in range(1000))
    cut = fitting_summary(text, room=500)
    assert len(cut.encode()) <= 500
    assert cut.endswith("äöü\n\nThe rest was too long to be shown.\n")
    assert fitting_summary("short", room=500) == "short"


def test_load_performance_has_the_keys_that_gitlab_compares(results: dict[str, Any]) -> None:
    found = json.loads(load_performance(results))["metrics"]
    assert found["http_reqs"]["rate"] == results["total"]["rate"]
    assert {"p(90)", "p(95)"} <= found["http_req_waiting"].keys()
    assert found["checks"]["fails"] == results["total"]["failures"]
    assert found["checks"]["passes"] + found["checks"]["fails"] == results["total"]["requests"]


def test_metrics_are_openmetrics_with_one_family_after_the_other(results: dict[str, Any]) -> None:
    lines = metrics(results).split("\n")
    assert lines[-2:] == ["# EOF", ""]
    family, seen = "", set()
    for line in lines[:-2]:
        if line.startswith("# TYPE "):
            family = line.split()[2]
            assert family not in seen
            seen.add(family)
            continue
        assert line.startswith(f"{family}{{")
        float(line.rsplit(" ", 1)[1])
