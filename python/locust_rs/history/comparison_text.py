"""A comparison for the console, as Markdown, as JSON, and as a page of HTML."""

from __future__ import annotations

import json
from html import escape

from locust_rs.ci.markdown import cell, markdown_table
from locust_rs.history.compare import Comparison
from locust_rs.history.findings import NUMBERS, TITLES, as_plain, shown_rows
from locust_rs.history.listing import table


def console(comparison: Comparison) -> str:
    """Tables for a terminal."""
    lines = [f"{comparison.before.title} → {comparison.after.title}", ""]
    lines += [f"Note: {warning}" for warning in comparison.warnings]
    return "\n".join([*lines, *([""] if comparison.warnings else []), table(TITLES, shown_rows(comparison), NUMBERS)])


def markdown(comparison: Comparison) -> str:
    """As GitHub and GitLab show it."""
    head = f"### {cell(comparison.before.title)} → {cell(comparison.after.title)}\n\n"
    notes = "".join(f"> ⚠️ {cell(warning)}\n\n" for warning in comparison.warnings)
    # The numbers stand behind the texts there.
    rows = [[cell(row[at]) for at in _TEXTS_FIRST] for row in shown_rows(comparison)]
    return head + notes + markdown_table([TITLES[at] for at in _TEXTS_FIRST], rows, len(NUMBERS))


_TEXTS_FIRST = (0, len(TITLES) - 1, *NUMBERS)


def json_text(comparison: Comparison) -> str:
    """For other programs."""
    return json.dumps(as_plain(comparison), indent=2, allow_nan=False)


def html(comparison: Comparison) -> str:
    """A page of its own that opens from disk."""
    title = escape(f"{comparison.before.title} → {comparison.after.title}")
    heads = "".join(f'<th class="{_side(at)}">{escape(name)}</th>' for at, name in enumerate(TITLES))
    body = "".join(
        "<tr>" + "".join(f'<td class="{_side(at)}">{escape(text)}</td>' for at, text in enumerate(row)) + "</tr>\n"
        for row in shown_rows(comparison)
    )
    notes = "".join(f"<p>Note: {escape(warning)}</p>\n" for warning in comparison.warnings)
    return (
        f'<!doctype html>\n<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">\n'
        f"<title>{title}</title>\n<style>{_STYLE}</style>\n<h1>{title}</h1>\n{notes}"
        f"<div><table><thead><tr>{heads}</tr></thead>\n<tbody>{body}</tbody></table></div>\n</html>\n"
    )


def _side(column: int) -> str:
    return "number" if column in NUMBERS else "text"


_STYLE = (
    ":root{color-scheme:light dark}body{font:15px/1.5 system-ui,sans-serif;margin:2rem}div{overflow-x:auto}"
    "table{border-collapse:collapse}th,td{padding:.3rem .8rem;border-bottom:1px solid #8884;white-space:nowrap}"
    ".text{text-align:left}.number{text-align:right;font-variant-numeric:tabular-nums}h1{font-size:1.3rem}"
)
