"""`locust-rs compare`: how two runs differ."""

from __future__ import annotations

from pathlib import Path

import click

from locust_rs.cli.runs import FOLDER
from locust_rs.exception import ConfigurationError
from locust_rs.history import comparison_text
from locust_rs.history.choosing import choose
from locust_rs.history.compare import compare as compare_runs
from locust_rs.history.folder import history_file
from locust_rs.history.store import Store
from locust_rs.util.files import write_file

_FORMS = {
    "console": comparison_text.console,
    "markdown": comparison_text.markdown,
    "json": comparison_text.json_text,
    "html": comparison_text.html,
}


@click.command()
@click.argument("before")
@click.argument("after", default="last")
@FOLDER
@click.option(
    "--format", "form", type=click.Choice(list(_FORMS)), default="console", show_default=True, help="How it is shown."
)
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="A file to write it to.")
def compare(before: str, after: str, folder: str | None, form: str, output: Path | None) -> None:
    """Compare run BEFORE with run AFTER (default: the last one).

    Each is a number, a tag, the beginning of an identifier, 'last', or a file that 'locust-rs runs export' has written.
    """
    try:
        store = Store(history_file(folder))
        text = _FORMS[form](compare_runs(choose(store, before), choose(store, after)))
        if output is not None:
            write_file(output, f"{text}\n")
        else:
            click.echo(text)
    except (ConfigurationError, OSError) as error:
        raise click.ClickException(str(error)) from error
