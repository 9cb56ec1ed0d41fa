"""Resolves `--locustfile` to the files to import."""

from __future__ import annotations

import os
from argparse import Namespace
from pathlib import Path
from typing import Any

from locust_rs.argument_parser.locustfile_download import (
    download_locustfile_from_master,
    download_locustfile_from_url,
    received_locustfiles,
)
from locust_rs.exception import ConfigurationError
from locust_rs.util.directory import get_abspaths_in
from locust_rs.util.url import is_url


def get_locustfiles_locally(options: Namespace) -> list[str]:
    """Absolute paths of the files in `options.locustfile`, a comma-separated list of files, folders and URLs.

    Raises:
        ConfigurationError: A file, a folder or the source of a URL cannot be found.
    """
    if options.locustfile == "-":
        raise ConfigurationError(
            "locustfile was set to '-' (meaning to download from master) but --worker was not specified."
        )
    return parse_locustfile_paths([name.strip() for name in options.locustfile.split(",")])


def retrieve_locustfiles_from_master(options: Namespace) -> list[str]:
    """Asks the master for its locustfiles, for a worker started with `-f -`."""
    return parse_locustfiles_from_master(
        download_locustfile_from_master(options.master_host, options.master_port, getattr(options, "curve_key", None))
    )


def parse_locustfiles_from_master(locustfile_sources: list[str | dict[str, Any]]) -> list[str]:
    """Paths of the files that the master sent: contents are written to a private folder, URLs are downloaded."""
    return received_locustfiles(locustfile_sources)


def parse_locustfile_paths(paths: list[str]) -> list[str]:
    """Absolute paths of the files that several paths or URLs denote, in order."""
    return [file for path in paths for file in _parse_locustfile_path(path)]


def _is_hidden(file: str, folder: str) -> bool:
    # Environments, and the folders to which the keys of a mounted ConfigMap are links: those files are there twice.
    return any(part.startswith(".") for part in Path(file).relative_to(os.path.abspath(folder)).parts[:-1])


def _parse_locustfile_path(path: str) -> list[str]:
    if is_url(path):
        return [download_locustfile_from_url(path)]
    if os.path.isdir(path):
        files = sorted(file for file in get_abspaths_in(path, extension=".py") if not _is_hidden(file, path))
        package = os.path.join(os.path.abspath(path), "__init__.py")
        if not files and os.path.isfile(package):
            files = [package]
        if not files:
            raise ConfigurationError(f"Could not find any locustfiles in directory '{path}'")
        return files
    if not path.endswith(".py") or not os.path.isfile(path):
        raise ConfigurationError(
            f"Could not find '{path}'. Ensure your locustfile ends with '.py' or is a directory with locustfiles. "
            "See --help for available options."
        )
    return [os.path.abspath(path)]
