"""The file of runs: what it keeps, and what it says when it cannot be used."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest

from locust_rs.exception import ConfigurationError
from locust_rs.history import store as store_module
from locust_rs.history.catalogue import catalogue
from locust_rs.history.model import RUNNING, KeptRun, Run
from locust_rs.history.store import Store
from locust_rs.history.transfer import export_run, import_run

Make = Callable[..., KeptRun]
TIMES = {"/cart": [[5.0, 6.0], [7.0]]}


def keep(store: Store, kept: KeptRun) -> Run:
    store.begin(Run(kept.run.uid, kept.run.started_s, locustfile="shop.py"))
    store.finish(kept)
    return kept.run


def test_a_run_is_there_from_its_beginning_and_whole_at_its_end(store: Store, make_run: Make) -> None:
    kept = make_run(TIMES, profile="smoke")
    store.begin(Run(kept.run.uid, kept.run.started_s))
    begun = store.find("1")
    assert (begun.state, begun.passed) == (RUNNING, None)
    with pytest.raises(ConfigurationError, match="has no result"):
        store.load(begun)
    store.finish(kept)
    loaded = store.load(store.find("last"))
    assert (loaded.run.passed, loaded.run.profile) == (True, "smoke")
    assert loaded.run.result == kept.run.result
    assert [row["name"] for row in loaded.rows] == ["Aggregated", "/cart"]


def test_labels_of_a_run_outlast_its_end(store: Store, make_run: Make) -> None:
    kept = make_run(TIMES)
    store.begin(Run(kept.run.uid, kept.run.started_s))
    store.label(store.find("1"), tag="release", note="half way")
    store.finish(kept)
    found = store.find("release")
    assert (found.note, found.passed) == ("half way", True)


WORDS = {
    "a number": lambda run: "1",
    "a tag": lambda run: "weekly",
    "an identifier": lambda run: run.uid,
    "its beginning": lambda run: run.uid[:8],
    "the last one": lambda run: "last",
}


@pytest.mark.parametrize("case", WORDS)
def test_run_is_found_by(case: str, store: Store, make_run: Make) -> None:
    run = keep(store, make_run(TIMES))
    store.label(store.find("1"), tag="weekly")
    assert store.find(WORDS[case](run)).uid == run.uid


@pytest.mark.parametrize("word", ["2", "daily", "", "%", "' OR 1 --", "9" * 30])
def test_no_run_is_found_by(word: str, store: Store, make_run: Make) -> None:
    keep(store, make_run(TIMES))
    with pytest.raises(ConfigurationError, match="locust-rs runs list"):
        store.find(word)


def test_a_tag_names_one_run(store: Store, make_run: Make) -> None:
    for _ in range(2):
        keep(store, make_run(TIMES))
    for number in ("1", "2"):
        store.label(store.find(number), tag="best")
    assert [run.tag for run in store.runs()] == ["best", ""]


def test_the_oldest_runs_without_a_label_go_first(
    store: Store, make_run: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "MOST_RUNS", 2)
    for number in range(5):
        keep(store, make_run(TIMES))
        if number == 0:
            store.label(store.find("1"), note="the first one")
    assert sorted(run.number for run in store.runs()) == [1, 4, 5]
    with sqlite3.connect(store.path) as connection:
        assert connection.execute("SELECT count(DISTINCT run) FROM rows").fetchone() == (3,)
    connection.close()


def test_the_oldest_runs_go_if_all_take_too_much_room(
    store: Store, make_run: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "MOST_BYTES", 60_000)
    for number in range(40):
        keep(store, make_run(TIMES))
        if number == 0:
            store.label(store.find("1"), tag="release")
    kept = [run.number for run in store.runs()]
    assert {1, 40} <= set(kept)
    assert len(kept) < 40
    assert store.path.stat().st_size < 120_000


@pytest.mark.parametrize("name", ["run.json", "run.json.gz"])
def test_exported_run_is_the_same_when_it_is_imported(name: str, store: Store, make_run: Make, tmp_path: Path) -> None:
    run = keep(store, make_run(TIMES))
    export_run(store.load(run), tmp_path / name)
    with pytest.raises(ConfigurationError, match="is here already, as run 1"):
        store.add(import_run(tmp_path / name))
    before = store.load(store.find("1"))
    store.delete([store.find("1")])
    assert store.add(import_run(tmp_path / name)) == 2
    after = store.load(store.find("2"))
    assert after.rows == before.rows
    assert after.run.result == before.run.result


def test_documents_beside_a_run_come_back_also_from_an_export(store: Store, make_run: Make, tmp_path: Path) -> None:
    kept = make_run(TIMES)
    kept.parts["remarks"] = {"said": ["ä", 1.5, None]}
    run = keep(store, kept)
    assert store.load(run).parts["remarks"] == store.part(run, "remarks") == {"said": ["ä", 1.5, None]}
    assert store.part(run, "nothing of the kind") == {}
    export_run(store.load(run), tmp_path / "run.json")
    store.delete([run])
    other = Store(tmp_path / "other.sqlite")
    assert other.add(import_run(tmp_path / "run.json")) == 1
    assert other.load(other.find("1")).parts == kept.parts
    with sqlite3.connect(store.path) as connection:
        assert connection.execute("SELECT count(*) FROM parts").fetchone() == (0,)
    connection.close()


def without_parts(path: Path) -> None:
    """Makes a file what it was before there were documents beside the statistics."""
    with sqlite3.connect(path) as connection:
        connection.execute("DROP TABLE parts")
    connection.close()


def test_file_of_an_early_release_is_read_listed_and_added_to(store: Store, make_run: Make) -> None:
    run = keep(store, make_run(TIMES))
    (before,) = catalogue(store, "", None, 0, 9).lines
    without_parts(store.path)
    assert store.load(run).parts == store.part(run, "summary") == {}
    assert catalogue(store, "", None, 0, 9).lines == [before]
    keep(store, make_run(TIMES))
    assert [line["summary"]["requests"] for line in catalogue(store, "", None, 0, 9).lines] == [3, 3]


def test_damaged_run_does_not_hide_the_others(store: Store, make_run: Make) -> None:
    for _ in range(2):
        keep(store, make_run(TIMES))
    with sqlite3.connect(store.path) as connection:
        connection.execute("UPDATE parts SET packed = x'00' WHERE run = 1")
    connection.close()
    sound, damaged = catalogue(store, "", None, 0, 9).lines
    assert (sound["number"], sound["summary"]["requests"], sound["problem"]) == (2, 3, "")
    assert damaged["summary"] is None
    assert "locust-rs runs delete 1" in damaged["problem"]


def newer(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()


def foreign(path: Path) -> None:
    path.unlink()
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE others (one)")
    connection.close()


BAD_FILES: dict[str, tuple[Callable[[Path], Any], str]] = {
    "text": (lambda path: path.write_text("no database" * 100), "is damaged .* Move it away"),
    "a damaged file": (
        lambda path: path.write_bytes(path.read_bytes()[:5000] + b"x" * 9000),
        "is damaged|cannot be used",
    ),
    "a newer file": (newer, "by a later release of locust-rs. Update"),
    "the file of another program": (foreign, "is no history of locust-rs. Choose another folder"),
    "a folder": (lambda path: (path.unlink(), path.mkdir()), "cannot be used .* or choose a folder with --history"),
}


@pytest.mark.parametrize("case", BAD_FILES)
def test_bad_file_is_refused_with_what_to_do(case: str, store: Store, make_run: Make) -> None:
    run = keep(store, make_run(TIMES))
    damage, message = BAD_FILES[case]
    damage(store.path)
    for use in (lambda: store.load(run), lambda: keep(store, make_run(TIMES))):
        with pytest.raises(ConfigurationError, match=message):
            use()


BAD_EXPORTS = {
    "nothing": (b"", "is damaged"),
    "text": (b"hello", "is damaged"),
    "other JSON": (b"{}", "is no exported run"),
    "a newer one": (b'{"format": "locust-rs run", "version": 2}', "update locust-rs"),
    "one without rows": (
        b'{"format": "locust-rs run", "version": 1, "run": {"uid": "a", "started_s": 1}}',
        "is damaged",
    ),
    "cut": (b"\x1f\x8b\x08\x00", "is damaged"),
}


@pytest.mark.parametrize("case", BAD_EXPORTS)
def test_bad_export_is_refused(case: str, tmp_path: Path) -> None:
    content, message = BAD_EXPORTS[case]
    (tmp_path / "run.json").write_bytes(content)
    with pytest.raises(ConfigurationError, match=message):
        import_run(tmp_path / "run.json")


def _keep_some(path: Path, first: int) -> None:
    store = Store(path)
    for number in range(first, first + 10):
        store.begin(Run(f"{number:032}", float(number)))


def test_two_processes_keep_their_runs_in_one_file(store: Store) -> None:
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        for done in [pool.submit(_keep_some, store.path, first) for first in (100, 200)]:
            done.result(60)
    assert len(store.runs()) == 20
