"""`locust-rs doctor`: whether this machine and installation are fit to generate load."""

from __future__ import annotations

import importlib
import importlib.machinery
import importlib.metadata
import os
import platform
import sys
from pathlib import Path

import click

from locust_rs._version import __version__, distribution_version
from locust_rs.cli.engine_forms import leaving_forms
from locust_rs.cli.limits import MINIMUM_OPEN_FILES
from locust_rs_installation import stock_instead_of_ours, stock_under_ours


@click.command()
@click.argument("locustfiles", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
def doctor(locustfiles: tuple[Path, ...]) -> None:
    """Prints versions and limits, marks problems, and exits with code 1 if there are any.

    Of LOCUSTFILES it tells which requests leave the engine and cost what they cost with stock Locust.
    """
    checks = [_versions(), _stock(), _core(), _open_files(), _ports(), _cores()]
    for good, text in checks:
        click.echo(f"{click.style('ok  ', fg='green') if good else click.style('bad ', fg='red')} {text}")
    for path in locustfiles:
        _tell_what_leaves_the_engine(path)
    sys.exit(0 if all(good for good, _ in checks) else 1)


def _tell_what_leaves_the_engine(path: Path) -> None:
    try:
        found = leaving_forms(path.read_text("utf-8"))
    except (SyntaxError, UnicodeDecodeError) as error:
        raise click.ClickException(f"{path} is not Python: {error}") from None
    if not found:
        click.echo(f"{click.style('ok  ', fg='green')} {path}: nothing in it takes requests off the engine")
    for line, reason in found:
        click.echo(f"{click.style('note', fg='yellow')} {path}:{line}: {reason} (see docs/http-clients.md)")


def _versions() -> tuple[bool, str]:
    return True, (
        f"locust-rs {distribution_version}, Locust {__version__}, Python {platform.python_version()}, "
        f"{platform.platform(terse=True)}"
    )


def _stock() -> tuple[bool, str]:
    # The folder is looked up as the command `locust` does: what is loaded here is locust-rs in any case.
    spec = importlib.machinery.PathFinder.find_spec("locust")
    if spec is not None and spec.origin and "locust_rs" not in Path(spec.origin).read_text("utf-8"):
        return False, stock_instead_of_ours()
    if stock := stock_under_ours():
        return False, stock
    try:
        version = importlib.metadata.version("locust")
    except importlib.metadata.PackageNotFoundError:
        return False, "no distribution `locust`: a plug-in would install stock Locust over locust-rs; install it again"
    return True, f"plug-ins find the distribution locust {version}, which is locust-rs"


def _core() -> tuple[bool, str]:
    try:
        importlib.import_module("locust_rs._core")
    except ImportError as error:
        return False, f"the compiled core can't be loaded ({error}): reinstall locust-rs"
    return True, "the compiled core is loaded"


def _open_files() -> tuple[bool, str]:
    if os.name == "nt":
        return True, "open files: no limit to set on Windows"
    import resource

    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    enough = hard == resource.RLIM_INFINITY or hard >= MINIMUM_OPEN_FILES
    limit = "unlimited" if hard == resource.RLIM_INFINITY else str(hard)
    return enough, f"open files: {limit}" + ("" if enough else f", raise it to {MINIMUM_OPEN_FILES} or more")


def _ports() -> tuple[bool, str]:
    try:
        with open("/proc/sys/net/ipv4/ip_local_port_range") as file:
            low, high = map(int, file.read().split())
    except (OSError, ValueError):
        return True, "local ports: unknown on this system"
    return high - low >= 16_000, f"local ports: {high - low} for connections to one address"


def _cores() -> tuple[bool, str]:
    cores = os.cpu_count() or 1
    return True, f"{cores} cores: `locust --processes -1` uses all of them"
