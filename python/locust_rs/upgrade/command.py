"""`locust-rs upgrade FILE…`: shows or writes the changes to old locustfiles."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from locust_rs_installation import install_command

if TYPE_CHECKING:
    from locust_rs.upgrade.rewriting import Upgrade

_COLOURS = {"+": "green", "-": "red", "@": "cyan"}


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--write", is_flag=True, help="Write the changes to the files.")
def upgrade(files: tuple[Path, ...], write: bool) -> None:
    """Rewrites old locustfiles to today's API.

    Handles the API from before Locust 1.0, and what 1.x and 2.x deprecated. Comments and layout are preserved. Shows
    the changes as a diff, and lists the lines that you have to change yourself.

    Exits with code 1 if a file can't be read.
    """
    unread = 0
    changed = []
    for path in files:
        result = _upgraded(path)
        if result is None:
            unread += 1
            continue
        _show(result, path, written=write)
        if result.changes:
            changed.append(path)
            if write:
                path.write_bytes(result.content)
    if not changed:
        click.echo("Nothing to change.", err=True)
    elif write:
        click.echo(f"Changed {_files(len(changed))}.", err=True)
    else:
        click.echo(f"Nothing was written: use --write to change {_files(len(changed))}.", err=True)
    if unread:
        raise click.exceptions.Exit(1)


def _files(count: int) -> str:
    return "1 file" if count == 1 else f"{count} files"


def _upgraded(path: Path) -> Upgrade | None:
    try:
        from libcst import ParserSyntaxError

        from locust_rs.upgrade.rewriting import upgraded
    except ModuleNotFoundError as error:
        if error.name != "libcst":
            raise
        raise click.ClickException(
            "upgrade needs the package 'libcst', which is not installed. "
            f"Install it with: {install_command('upgrade') or 'pip install libcst'}"
        ) from None
    try:
        return upgraded(path.read_bytes())
    except ParserSyntaxError as error:
        reason = error.message.removeprefix("parser error: ")
        click.echo(
            f"{path}:{error.raw_line}: this is not Python 3 ({reason}). If it is Python 2, convert it first.", err=True
        )
    except (OSError, UnicodeDecodeError) as error:
        click.echo(f"{path}: {error}", err=True)
    return None


def _show(result: Upgrade, path: Path, written: bool) -> None:
    for text in result.diff(str(path)):
        click.secho(text, fg=None if text.startswith(("+++", "---")) else _COLOURS.get(text[:1]))
    if result.leftovers:
        click.echo("To change by hand:", err=True)
    for one in result.leftovers:
        number = one.line if written else result.line_before(one.line)
        click.echo(f"  {path}:{number}: {one.message}", err=True)
