"""The pages of the reference that nobody writes: printed as JSON, path → Markdown, for `hooks.py`.

It is a program of its own, because importing locust patches the standard library of the process that does.
"""

from __future__ import annotations

import argparse
import ast
import html
import inspect
import json
import re
import sys
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import Any

import yaml

import locust
from locust.argument_parser import get_parser

ROOT = Path(__file__).resolve().parents[2]

PYTHON_API = {
    "users": ("Users", "User HttpUser FastHttpUser user.users.PytestUser"),
    "tasks": (
        "Tasks and wait times",
        "TaskSet SequentialTaskSet MarkovTaskSet task tag transition transitions between constant constant_pacing "
        "constant_throughput poisson",
    ),
    "clients": (
        "HTTP clients",
        "clients.HttpSession clients.ResponseContextManager contrib.fasthttp.FastHttpSession "
        "contrib.fasthttp.FastResponse contrib.fasthttp.ResponseContextManager",
    ),
    "environment": (
        "Environment, runners, shapes",
        "env.Environment runners.Runner runners.LocalRunner runners.MasterRunner runners.WorkerRunner LoadTestShape "
        "debug.run_single_user",
    ),
    "statistics": ("Statistics", "stats.RequestStats stats.StatsEntry stats.StatsError"),
    "exceptions": (
        "Exceptions",
        "exception.LocustError exception.ResponseError exception.CatchResponseError exception.StopUser "
        "exception.RescheduleTask exception.RescheduleTaskImmediately exception.InterruptTaskSet",
    ),
}
"""Page → (title, names under `locust`)."""


def home(name: str) -> str:
    """Where a public name is defined, which is where its docstring is."""
    thing: Any = locust
    for part in name.split("."):
        thing = getattr(thing, part, None) or import_module(f"{thing.__name__}.{part}")
    return f"{thing.__module__}.{thing.__qualname__}"


def python_page(title: str, names: str) -> str:
    """A page of mkdocstrings' directives, each below the name that users import."""
    sections = [f"## {name.rpartition('.')[2]}\n\n`locust.{name}`\n\n::: {home(name)}" for name in names.split()]
    return "\n\n".join([f"# {title}", *sections]) + "\n"


def options() -> str:
    """Every option of `locust`, as its parser knows it."""
    parts = [
        "# Options and variables",
        "Every option of `locust`, from its parser. An option can also be set by its variable, or in a configuration "
        "file under its name without the dashes: [the command line](../command-line.md#configuration-files).",
    ]
    for group in get_parser()._action_groups:
        actions = [action for action in group._group_actions if action.help != argparse.SUPPRESS]
        if not actions:
            continue
        title = group.title or ""
        parts.append(f"## {title[:1].upper()}{title[1:]}")
        if group.description:
            parts.append(text(group.description))
        parts += [option(action) for action in actions]
    return "\n\n".join(parts) + "\n"


def option(action: argparse.Action) -> str:
    """A definition: spellings, variable, default, help."""
    name = next((word for word in action.option_strings if word.startswith("--")), action.dest)
    value = f" {action.metavar}" if action.metavar and action.nargs != 0 else ""
    spellings = ", ".join(f"`{word}{value}`" for word in action.option_strings) or f"`{action.metavar}`"
    notes = [f"variable `{variable}`"] if (variable := getattr(action, "env_var", None)) else []
    if action.default not in (None, "", False, [], argparse.SUPPRESS):
        notes.append(f"default `{action.default}`")
    if action.choices:
        notes.append("one of " + ", ".join(f"`{choice}`" for choice in action.choices))
    lines = [f"### {name} {{ #{name.lstrip('-')} }}", f"{spellings}" + (f": {'; '.join(notes)}" if notes else "")]
    return "\n\n".join([*lines, text(action.help or "")])


def text(words: str) -> str:
    """Words of a help text as Markdown: paragraphs, with placeholders in angle brackets kept."""
    return re.sub(r"([*_\[\]])", r"\\\1", html.escape(" ".join(words.split()), quote=False))


def events() -> str:
    """Every event with its arguments, from the docstrings in `locust_rs/event/events.py`."""
    source = ast.parse((ROOT / "python/locust_rs/event/events.py").read_text("utf-8"))
    declared = next(node for node in source.body if isinstance(node, ast.ClassDef)).body
    parts = [
        "# Events",
        "A locustfile listens with `@events.NAME.add_listener`; handlers take keyword arguments, and `**kwargs` for "
        "those that later releases add. A handler that raises is logged, and the others run.",
    ]
    for declaration, docstring in pairwise(declared):
        if not isinstance(declaration, ast.AnnAssign) or not isinstance(docstring, ast.Expr):
            continue
        assert isinstance(declaration.target, ast.Name)
        assert isinstance(docstring.value, ast.Constant)
        parts.append(f"## {declaration.target.id}\n\n{event(inspect.cleandoc(str(docstring.value.value)))}")
    return "\n\n".join(parts) + "\n"


def event(docstring: str) -> str:
    """A docstring with its arguments as a table."""
    before, _, after = docstring.partition("Args:\n")
    table: list[str] = []
    rest: list[str] = []
    for line in after.splitlines():
        if found := re.match(r"    (\w+): (.*)", line):
            table.append(f"| `{found[1]}` | {found[2]} |")
        elif line.startswith("    ") and table:
            table[-1] = f"{table[-1].removesuffix(' |')} {line.strip()} |"
        else:
            rest.append(line)
    parts = [
        before.strip(),
        "\n".join(["| argument | |", "|---|---|", *table]) if table else "",
        "\n".join(rest).strip(),
    ]
    return "\n\n".join(part for part in parts if part)


def web_api() -> str:
    """The routes of docs/openapi.yaml."""
    described = yaml.safe_load((ROOT / "docs/openapi.yaml").read_text("utf-8"))
    parts = ["# Web API", described["info"]["description"], "The whole description is [openapi.yaml](../openapi.yaml)."]
    for tag in described["tags"]:
        parts.append(f"## {tag['name'].capitalize()}\n\n{tag['description']}")
        for path, verbs in described["paths"].items():
            parts += [
                route(f"{verb.upper()} {path}", operation)
                for verb, operation in verbs.items()
                if verb in ("get", "post", "put", "delete") and tag["name"] in operation.get("tags", [])
            ]
    return "\n\n".join(parts) + "\n"


def route(title: str, operation: dict[str, Any]) -> str:
    """A route with its parameters and responses."""
    parts = [f"### `{title}`", operation["summary"] + "."]
    if described := operation.get("description"):
        parts.append(described.strip())
    rows = [
        (each["name"], each["in"], each.get("description", ""))
        for each in operation.get("parameters", [])
        if "in" in each
    ]
    for media, content in operation.get("requestBody", {}).get("content", {}).items():
        properties = content.get("schema", {}).get("properties", {})
        rows += [(name, media.rpartition("/")[2], value.get("description", "")) for name, value in properties.items()]
    if rows:
        lines = [f"| `{name}` | {where} | {said} |" for name, where, said in rows]
        parts.append("\n".join(["| parameter | in | |", "|---|---|---|", *lines]))
    return "\n\n".join(parts)


def main() -> None:
    """Prints all pages."""
    pages = {"reference/options.md": options(), "reference/events.md": events(), "reference/web-api.md": web_api()}
    for page, (title, names) in PYTHON_API.items():
        pages[f"reference/python/{page}.md"] = python_page(title, names)
    json.dump(pages, sys.stdout)


if __name__ == "__main__":
    main()
