"""The result as JUnit XML: a test case per threshold, endpoint and exception.

Jenkins, GitLab, GitHub's reporters and others read it. Class name and name together identify a case.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree as ET

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 cannot express."""


def junit_xml(results: dict[str, Any]) -> str:
    """The document: suites `thresholds`, `endpoints`, `regressions` and `exceptions`; empty ones are left out."""
    root = ET.Element("testsuites", name="locust")
    for name, cases in (
        ("thresholds", [_threshold_case(one) for one in results["thresholds"]]),
        ("endpoints", list(_endpoint_cases(results))),
        ("regressions", list(_regression_cases(results.get("comparison")))),
        ("exceptions", [_exception_case(one, number) for number, one in enumerate(results["exceptions"], 1)]),
    ):
        if cases:
            root.append(_suite(f"locust.{name}", cases, results["run"]))
    for count in ("tests", "failures", "errors"):
        root.set(count, str(sum(int(suite.get(count, 0)) for suite in root)))
    root.set("time", f"{results['run']['duration_s']:.3f}")
    ET.indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _suite(name: str, cases: list[ET.Element], run: dict[str, Any]) -> ET.Element:
    suite = ET.Element(
        "testsuite",
        name=name,
        tests=str(len(cases)),
        failures=str(sum(case.find("failure") is not None for case in cases)),
        errors=str(sum(case.find("error") is not None for case in cases)),
        skipped="0",
        time=f"{sum(float(case.get('time', 0)) for case in cases):.3f}",
        timestamp=run["start"].removesuffix("Z"),
    )
    for case in cases:
        case.set("classname", name)
        suite.append(case)
    return suite


def _case(name: str, time_s: float = 0.0) -> ET.Element:
    return ET.Element("testcase", classname="", name=_clean(name), time=f"{time_s:.3f}")


def _problem(case: ET.Element, tag: str, message: str, kind: str, text: str) -> None:
    # GitLab shows the text, others the message.
    ET.SubElement(case, tag, message=_clean(message), type=kind).text = _clean(text)


def _threshold_case(threshold: dict[str, Any]) -> ET.Element:
    case = _case(threshold["threshold"])
    tag = {"failed": "failure", "not measured": "error"}.get(threshold["state"])
    if tag:
        text = f"{threshold['threshold']}: {threshold['outcome']}"
        _problem(case, tag, threshold["outcome"], threshold["state"], text)
    return case


def _endpoint_cases(results: dict[str, Any]) -> Iterator[ET.Element]:
    """The average response time is the time of the case."""
    for row in results["endpoints"]:
        case = _case(f"{row['method']} {row['name']}".strip(), (row["average_ms"] or 0) / 1000)
        if row["failures"] and not results["failures_are_judged"]:
            errors = [
                f"{error['occurrences']} x {error['error']}"
                for error in results["errors"]
                if (error["method"], error["name"]) == (row["method"], row["name"])
            ]
            message = f"{row['failures']} of {row['requests']} requests failed"
            _problem(case, "failure", message, "failed requests", "\n".join([message, *errors]))
        yield case


def _regression_cases(comparison: dict[str, Any] | None) -> Iterator[ET.Element]:
    """A case for each endpoint of both runs; a regression fails it only if it fails the run."""
    if comparison is None:
        return
    if comparison["problem"]:
        case = _case("comparison with the baseline")
        if comparison["failed"]:
            _problem(case, "error", comparison["problem"], "not compared", comparison["problem"])
        yield case
    for one in comparison.get("endpoints", ()):
        name = f"{one['method']} {one['name']}".strip()
        case, worse = _case(name), comparison["regressions"].get(name)
        if worse and comparison["failed"]:
            _problem(case, "failure", worse, "regression", f"{name}: {worse}")
        yield case


def _exception_case(exception: dict[str, Any], number: int) -> ET.Element:
    case = _case(f"{number}. {exception['message']}"[:200])
    message = f"{exception['message']} ({exception['count']} x on {', '.join(exception['nodes'])})"
    _problem(case, "error", message, "exception", f"{message}\n{exception['traceback']}")
    return case


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", text)
