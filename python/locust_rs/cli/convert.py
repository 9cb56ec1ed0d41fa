"""`locust-rs convert`: a locustfile out of recordings and descriptions of HTTP interfaces."""

from __future__ import annotations

import os
import re
import sys
import tempfile
from pathlib import Path

import click

from locust_rs.convert.conversion import Conversion, Source
from locust_rs.convert.conversion import convert as convert_sources
from locust_rs.convert.environments import read_variables
from locust_rs.convert.errors import SourceError, line_and_column
from locust_rs.convert.formats import FORMATS
from locust_rs.convert.options import RESOURCE_TYPES, Options
from locust_rs.convert.template import render_template

_SWITCHES = {"resourcefilter", "methodignore", "urlignore", "headerignore", "default_headers", "rest", "ruff"}
"""har2locust's own plug-ins; the last two have nothing to switch off here."""


class ConvertError(click.ClickException):
    """An input or an option that makes no sense."""

    exit_code = 2


@click.command()
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...")
@click.option("-o", "--output", metavar="FILE", help="Write the locustfile to FILE instead of standard output.")
@click.option("--format", "format_", type=click.Choice(FORMATS), help="Format of the inputs; found out by default.")
@click.option(
    "-e",
    "--environment",
    multiple=True,
    metavar="FILE",
    help="Values for {{variables}}: Postman's or JetBrains' file; the last of several wins.",
)
@click.option("--environment-name", metavar="NAME", help="Which environment of a JetBrains file.")
@click.option("--include-host", multiple=True, metavar="PATTERN", help="Also take a recording's requests to this host.")
@click.option(
    "--resource-types",
    default=",".join(RESOURCE_TYPES),
    show_default=True,
    metavar="TYPES",
    help="Kinds of a recording's requests to take, also script, stylesheet, image, font, media; or all.",
)
@click.option("-t", "--template", metavar="FILE", help="A Jinja template to write the locustfile with.")
@click.option(
    "--disable-plugins", default="", metavar="NAMES", help="har2locust: steps to leave out, e.g. headerignore."
)
@click.option("--plugins", hidden=True, help="har2locust's plug-ins are not run.")
@click.option("-L", "--loglevel", hidden=True, help="Taken because har2locust has it; there is no log.")
@click.version_option(None, "-V", "--version", package_name="locust-rs", prog_name="locust-rs convert")
def convert(
    inputs: tuple[str, ...],
    output: str | None,
    format_: str | None,
    environment: tuple[str, ...],
    environment_name: str | None,
    include_host: tuple[str, ...],
    resource_types: str,
    template: str | None,
    disable_plugins: str,
    plugins: str | None,
    loglevel: str | None,
) -> None:
    """Writes a locustfile that makes the requests of INPUT.

    INPUT is a HAR file, curl commands, an .http file, a Postman collection or an OpenAPI description; - is standard
    input. Passwords, tokens and keys become environment variables. Malformed input is named with its position, and
    nothing is written (exit code 2).
    """
    del loglevel
    if plugins:
        raise ConvertError("--plugins: har2locust's plug-ins work on its own data and are not run; edit the output")
    try:
        options = _options(resource_types, include_host, _switched_off(disable_plugins))
        for path in environment:
            options.variables |= _variables(path, environment_name)
        conversion = convert_sources([Source(_shown(each), _read(each), format_) for each in inputs], options)
        text = conversion.locustfile() if template is None else _rendered(template, conversion)
    except SourceError as error:
        raise ConvertError(str(error)) from error
    if output is None:
        sys.stdout.buffer.write(text.encode())
        sys.stdout.flush()
    else:
        _write(Path(output), text)


def _shown(path: str) -> str:
    return path if path == "-" else Path(path).name


def _read(path: str) -> str:
    try:
        content = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
    except OSError as error:
        raise ConvertError(f"{path} can't be read: {error.strerror}") from error
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        problem = SourceError("not a text in UTF-8", line_and_column(content[: error.start].decode(), error.start))
        problem.source = _shown(path)
        raise problem from error


def _variables(path: str, name: str | None) -> dict[str, str]:
    try:
        return read_variables(_read(path), name)
    except SourceError as error:
        error.source = _shown(path)
        raise


def _switched_off(names: str) -> set[str]:
    """The steps that are left out; har2locust names them by files such as `2_methodignore.py`."""
    chosen = {re.sub(r"^[0-9]+_|\.py$", "", name.strip()) for name in names.split(",") if name.strip()}
    unknown = sorted(chosen - _SWITCHES)
    if unknown:
        raise ConvertError(
            f"--disable-plugins: there is no {', '.join(unknown)}; known are {', '.join(sorted(_SWITCHES))}"
        )
    return chosen


def _options(resource_types: str, hosts: tuple[str, ...], off: set[str]) -> Options:
    """The options, together with har2locust's files in the working directory."""
    types = tuple(kind.strip().lower() for kind in resource_types.split(",") if kind.strip())
    return Options(
        resource_types=("all",) if "resourcefilter" in off else types,
        hosts=hosts,
        ignored_urls=() if "urlignore" in off else _patterns(".urlignore"),
        ignored_headers=() if "headerignore" in off else _patterns(".headerignore"),
        ignored_methods=() if "methodignore" in off else _patterns(".methodignore") or ("OPTIONS",),
        filter_headers="headerignore" not in off,
        share_headers="default_headers" not in off,
    )


def _patterns(name: str) -> tuple[str, ...]:
    """The regular expressions in a file, one a line; none if it is not there."""
    path = Path(name)
    if not path.is_file():
        return ()
    patterns = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if line.strip() and not line.startswith("#"):
            try:
                re.compile(line.strip())
            except re.error as error:
                raise ConvertError(f"{name}:{number}: not a regular expression: {error}") from error
            patterns.append(line.strip())
    return tuple(patterns)


def _rendered(path: str, conversion: Conversion) -> str:
    try:
        return render_template(_read(path), conversion)
    except ValueError as error:
        raise ConvertError(f"{path}:{error}") from error


def _write(path: Path, text: str) -> None:
    """Writes the file in one step, so that a failure leaves what was there."""
    temporary = None
    try:
        with tempfile.NamedTemporaryFile("wb", dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
            temporary = Path(file.name)
            file.write(text.encode())
        mode = path.stat().st_mode if path.exists() else 0o666 & ~_umask()
        os.chmod(temporary, mode & 0o777)
        temporary.replace(path)
    except OSError as error:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
        raise ConvertError(f"{path} can't be written: {error.strerror}") from error


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
