"""What `--locustfile` names: the files, or an exception that says why there are none."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

import pytest

from locust_rs.argument_parser import get_locustfiles_locally
from locust_rs.exception import ConfigurationError


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "shop.py").touch()
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_files_are_found(folder: Path) -> None:
    assert get_locustfiles_locally(Namespace(locustfile="shop.py")) == [str(folder / "shop.py")]


def test_the_hidden_folders_of_a_folder_are_left_out(folder: Path) -> None:
    mounted = folder / ".mounted"
    (mounted / "..data").mkdir(parents=True)
    (mounted / "..data/visit.py").touch()
    (mounted / "visit.py").symlink_to("..data/visit.py")
    assert get_locustfiles_locally(Namespace(locustfile=".mounted")) == [str(mounted / "visit.py")]


@pytest.mark.parametrize(
    ("named", "message"),
    [
        (
            "nowhere.py",
            "Could not find 'nowhere.py'. Ensure your locustfile ends with '.py' or is a directory with locustfiles. "
            "See --help for available options.",
        ),
        ("shop.py,empty", "Could not find any locustfiles in directory 'empty'"),
        ("-", "locustfile was set to '-' (meaning to download from master) but --worker was not specified."),
    ],
    ids=["missing", "empty folder", "from the master"],
)
def test_what_names_no_file_raises(named: str, message: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        get_locustfiles_locally(Namespace(locustfile=named))
    assert str(refused.value) == message
