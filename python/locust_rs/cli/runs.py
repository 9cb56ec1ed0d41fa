"""`locust-rs runs`: lists, shows, labels, deletes, exports and imports kept runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from locust_rs.exception import ConfigurationError
from locust_rs.history.folder import history_file
from locust_rs.history.listing import run_lines, runs_table
from locust_rs.history.model import Run
from locust_rs.history.store import Store
from locust_rs.history.transfer import export_run, import_run

FOLDER = click.option(
    "--history", "folder", metavar="FOLDER", envvar="LOCUST_HISTORY", help="The folder in which runs are kept."
)


def _use(ctx: click.Context, _option: click.Parameter, folder: str | None) -> None:
    if folder is not None:
        ctx.obj = Store(history_file(folder))


class _Told(click.Group):
    """A group whose commands end with the message of a history that cannot be used.

    The folder may be named before or after the command.
    """

    def add_command(self, cmd: click.Command, name: str | None = None) -> None:
        cmd.params.append(
            click.Option(
                ["--history"],
                metavar="FOLDER",
                expose_value=False,
                callback=_use,
                help="The folder in which runs are kept.",
            )
        )
        super().add_command(cmd, name)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (ConfigurationError, OSError) as error:
            raise click.ClickException(str(error)) from error


@click.group(cls=_Told)
@FOLDER
@click.pass_context
def runs(ctx: click.Context, folder: str | None) -> None:
    """List, show, label, delete, export and import kept runs.

    RUN is a number, a tag, the beginning of an identifier, or 'last'.
    """
    ctx.obj = Store(history_file(folder))


@runs.command("list")
@click.option("--profile", help="Only the runs of this profile.")
@click.option("-n", "most", type=click.IntRange(1), default=30, show_default=True, help="How many, newest first.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.pass_obj
def list_runs(store: Store, profile: str | None, most: int, as_json: bool) -> None:
    """List the latest runs."""
    found = store.runs(profile, most)
    click.echo(json.dumps([_plain(run) for run in found], indent=2) if as_json else runs_table(found))


@runs.command()
@click.argument("run")
@click.option("--json", "as_json", is_flag=True, help="As JSON: the result as --results writes it, and more.")
@click.pass_obj
def show(store: Store, run: str, as_json: bool) -> None:
    """Show a run: its result, parameters and sources."""
    found = store.find(run)
    click.echo(json.dumps(_plain(found), indent=2) if as_json else "\n".join(run_lines(found)))


@runs.command()
@click.argument("run")
@click.argument("tag")
@click.pass_obj
def tag(store: Store, run: str, tag: str) -> None:
    """Give a run a TAG, which names it and keeps it; '' takes it away. A tag names one run."""
    store.label(store.find(run), tag=tag)


@runs.command()
@click.argument("run")
@click.argument("text")
@click.pass_obj
def note(store: Store, run: str, text: str) -> None:
    """Give a run a note, which keeps it; '' takes it away."""
    store.label(store.find(run), note=text)


@runs.command()
@click.argument("names", metavar="RUN...", nargs=-1, required=True)
@click.pass_obj
def delete(store: Store, names: tuple[str, ...]) -> None:
    """Delete runs."""
    found = [store.find(name) for name in names]
    store.delete(found)
    click.echo(f"Deleted {', '.join(run.title for run in found)}")


@runs.command("export")
@click.argument("run")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.pass_obj
def export_(store: Store, run: str, file: Path) -> None:
    """Write a run to FILE, compressed if that ends in '.gz'; --baseline and compare read it."""
    export_run(store.load(store.find(run)), file)
    click.echo(f"Wrote {file} ({file.stat().st_size:,} bytes)")


@runs.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.pass_obj
def import_(store: Store, file: Path) -> None:
    """Take in a run that was exported."""
    kept = import_run(file)
    store.add(kept)
    click.echo(f"Imported as {kept.run.title}")


def _plain(run: Run) -> dict[str, Any]:
    return vars(run)
