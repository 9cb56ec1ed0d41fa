"""The HTML report: one self-contained page. Public module `locust.html`."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from locust_rs._reexports import provide_reexports
from locust_rs._tunables import html as _tunables_html
from locust_rs._tunables import publish
from locust_rs._tunables.html import PERCENTILES_FOR_HTML_REPORT

if TYPE_CHECKING:
    import jinja2

    from locust_rs.env import Environment

__all__ = [
    "DEFAULT_BUILD_PATH",
    "PERCENTILES_FOR_HTML_REPORT",
    "get_html_report",
    "process_html_filename",
    "render_template_from",
]

DEFAULT_BUILD_PATH = str(Path(__file__).resolve().parent / "webui" / "dist")
"""Folder of the bundled web UI."""

publish(__name__, _tunables_html, ("PERCENTILES_FOR_HTML_REPORT",))


def process_html_filename(options: Any) -> None:
    """Replaces the marks in `options.html_file`: `{u}` users, `{r}` spawn rate, `{t}` run time in seconds.

    Marks without a value, and other braces, are kept.
    """
    marks = {"{u}": options.num_users, "{r}": options.spawn_rate, "{t}": options.run_time}
    for mark, value in marks.items():
        if value is not None:
            options.html_file = options.html_file.replace(mark, str(int(value) if value == int(value) else value))


@functools.lru_cache(maxsize=8)
def _templates(build_path: str) -> jinja2.Environment:
    """The templates of a build: compiled once, and again if their file changes."""
    import jinja2

    # A page that a custom build lacks comes from the bundled one.
    loader = jinja2.FileSystemLoader([build_path, DEFAULT_BUILD_PATH])
    templates = jinja2.Environment(loader=loader, autoescape=True)
    templates.policies["json.dumps_function"] = _dumps
    return templates


def _dumps(value: Any, **options: Any) -> str:
    """Serializes a value for the filter `tojson`, which escapes the result for HTML."""
    as_json = getattr(value, "as_json", None)
    return as_json(**options) if as_json is not None else json.dumps(value, **options)


def render_template_from(file: str, build_path: str = DEFAULT_BUILD_PATH, **kwargs: Any) -> str:
    """Renders a page of a web UI build outside of a request.

    Args:
        file: `report.html`, for example.
        build_path: Folder that holds it.
        **kwargs: The template's arguments.

    Raises:
        FileNotFoundError: Neither that folder nor the bundled build has the file.
    """
    import jinja2

    try:
        return _templates(str(build_path)).get_template(file).render(**kwargs)
    except jinja2.TemplateNotFound as error:
        searched = " nor in ".join(dict.fromkeys((str(build_path), DEFAULT_BUILD_PATH)))
        raise FileNotFoundError(
            f"'{error.name}' is not in {searched}. In a checkout, build the web UI with `make setup`"
        ) from None


def get_html_report(environment: Environment, show_download_link: bool = True, theme: str = "") -> str:
    """The report of the environment's statistics as one self-contained page.

    Args:
        environment: An environment with a runner.
        show_download_link: Whether the page offers itself for download, as in the web UI.
        theme: `dark`, `light`, or empty to follow the reader's settings.

    Raises:
        ValueError: The environment has no runner.
    """
    from locust_rs.web.report_args import report_args

    if environment.runner is None:
        raise ValueError("There is no report without a runner: call environment.create_local_runner() first")
    args = report_args(environment, environment.runner)
    args["show_download_link"] = show_download_link
    build_path = environment.web_ui.build_path if environment.web_ui is not None else None
    return render_template_from("report.html", build_path or DEFAULT_BUILD_PATH, template_args=args, theme=theme)


provide_reexports(__name__)
