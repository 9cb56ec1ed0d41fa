"""`locust-rs keys`: creates the key files that `--curve-key` reads."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("folder", default=".", type=click.Path(file_okay=False, path_type=Path))
def keys(folder: Path) -> None:
    """Makes a key file for the master and one for its workers in FOLDER (default: here)."""
    from locust_rs.rpc.keys import make_keys

    try:
        master, worker = make_keys(folder)
    except (OSError, RuntimeError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"Master:  locust --master --curve-key {master}")
    click.echo(f"Workers: locust --worker --curve-key {worker}")
    click.echo("Copy the workers' file to their machines over a secure channel: both files are secret.")
