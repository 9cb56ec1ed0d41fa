"""Writes journeys as a locustfile."""

from __future__ import annotations

from locust_rs.convert.identifiers import class_name, free_name
from locust_rs.convert.model import Journey
from locust_rs.convert.values import Values
from locust_rs.convert.writer.classes import ClassWriter
from locust_rs.convert.writer.expressions import Expressions
from locust_rs.convert.writer.layout import LINE_LENGTH, Group, assignment, lay_out
from locust_rs.convert.writer.requests import comment

_EXPECT_STATUS = '''
def expect(response, *statuses):
    """Passes a response with one of these statuses, and fails any other."""
    if response.status_code in statuses:
        response.success()
    elif response.status_code:  # 0: there is no response, which Locust reports itself
        response.failure(f"status {response.status_code} is not one of {statuses}")
'''

_EXPECT_KEYS = '''
def expect(response, *statuses, keys=()):
    """Passes a response with one of these statuses and, as JSON, all of these keys."""
    if not response.status_code:
        return  # there is no response, which Locust reports itself
    if response.status_code not in statuses:
        response.failure(f"status {response.status_code} is not one of {statuses}")
        return
    try:
        content = response.json() if keys else {}
    except ValueError:
        content = None
    found = content if isinstance(content, dict) else {}
    missing = [key for key in keys if key not in found]
    if missing:
        response.failure(f"the response lacks {', '.join(missing)}")
    else:
        response.success()
'''


def write_locustfile(journeys: list[Journey], values: Values, sources: list[str]) -> str:
    """The text of a locustfile, as `ruff format` would leave it.

    Args:
        journeys: With their steps made, one class each.
        values: What the placeholders in them stand for.
        sources: Names of the inputs.
    """
    expressions = Expressions(values)
    writer = ClassWriter(values, expressions)
    taken: set[str] = set(values.constants)
    names = [free_name(class_name(journey.title), taken) for journey in journeys]
    classes = [writer.lines(journey, name) for journey, name in zip(journeys, names, strict=True)]
    lines = _docstring(sources, values)
    lines += ["", *_imports(values, expressions, writer.from_locust)]
    lines += _constants(values)
    expected = [request.expected for journey in journeys for request in journey.requests if request.expected]
    if expected:
        function = _EXPECT_KEYS if any(each.keys for each in expected) else _EXPECT_STATUS
        lines += ["", *function.rstrip("\n").split("\n")]
    for written in classes:
        lines += ["", "", *written]
    lines += ["", "", 'if __name__ == "__main__":', f"    run_single_user({names[0]})"]
    return "\n".join(lines) + "\n"


def _docstring(sources: list[str], values: Values) -> list[str]:
    shown = ", ".join(sources)
    clean = "".join(character if character.isprintable() else " " for character in shown)
    clean = clean.replace("\\", "/").replace('"', "'")
    lines = [f'"""Converted from {clean}.']
    variables = [constant.variable for constant in values.constants.values() if constant.variable]
    if not variables:
        return [f'{lines[0]}"""']
    said = "Set these environment variables before a run:"
    return [*lines, "", said, *(f"    {variable}" for variable in variables), '"""']


def _imports(values: Values, expressions: Expressions, from_locust: set[str]) -> list[str]:
    modules = expressions.used | {module for each in values.constants.values() for module in each.modules}
    plain = [f"import {module}" for module in sorted(modules) if "." not in module]
    names: dict[str, list[str]] = {}
    for module, _, name in (module.rpartition(".") for module in sorted(modules) if "." in module):
        names.setdefault(module, []).append(name)
    standard = plain + [f"from {module} import {', '.join(found)}" for module, found in names.items()]
    locust = [f"from locust import {', '.join(sorted(from_locust))}"]
    if len(locust[0]) > LINE_LENGTH:
        locust = lay_out(Group("(", [("", name) for name in sorted(from_locust)], ")"), 0, "from locust import ")
    return [*standard, *([""] if standard else []), *locust]


def _constants(values: Values) -> list[str]:
    lines: list[str] = []
    for name, constant in values.constants.items():
        lines += comment(constant.note, 0) if constant.note else []
        lines += assignment(name, constant.code)
    return ["", *lines] if lines else []
