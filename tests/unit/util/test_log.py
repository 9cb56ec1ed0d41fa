"""The destinations of log records."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import gevent
import pytest

from locust_rs import log


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    """Restores the handlers of the loggers."""
    loggers = [logging.getLogger(name) for name in ("", "locust", "locust.stats_logger")]
    before = [(logger, logger.handlers[:], logger.level, logger.propagate) for logger in loggers]
    yield
    for logger, handlers, level, propagate in before:
        for handler in logger.handlers:
            if handler not in handlers:
                handler.close()
        logger.handlers[:], logger.propagate = handlers, propagate
        logger.setLevel(level)


def test_lines_name_host_level_and_logger(capsys: pytest.CaptureFixture[str]) -> None:
    log.setup_logging("INFO")
    logging.getLogger("locust.main").info("hello %s", "you")
    assert capsys.readouterr().err.endswith(f"] {log.HOSTNAME}/INFO/locust.main: hello you\n")


def test_file_takes_everything_but_the_tables(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log.setup_logging("debug", str(tmp_path / "new" / "x.log"))
    logging.getLogger("mine").debug("of the script")
    logging.getLogger("locust.stats_logger").info("table")
    assert "DEBUG/mine: of the script" in (tmp_path / "new" / "x.log").read_text()
    assert "table" not in (tmp_path / "new" / "x.log").read_text()
    assert capsys.readouterr().err == "table\n"


def test_last_lines_are_kept_for_the_web_ui() -> None:
    log.setup_logging("INFO")
    for number in range(log.LOG_LINES_KEPT + 7):
        logging.getLogger("mine").info("line %d", number)
    lines = log.get_logs()
    assert len(lines) == log.LOG_LINES_KEPT
    assert lines[0].endswith("line 7")


def test_unknown_level_is_refused() -> None:
    with pytest.raises(ValueError, match="locust"):
        log.setup_logging("LOUD")


def test_unhandled_exception_is_remembered(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(log, "unhandled_greenlet_exception", False)
    greenlet = gevent.Greenlet(lambda: 1 / 0)
    greenlet.link_exception(log.greenlet_exception_logger(logging.getLogger("mine")))
    greenlet.start()
    greenlet.join()
    gevent.sleep(0)
    assert log.unhandled_greenlet_exception
    assert "Unhandled exception in greenlet" in caplog.text


def test_exit_asked_for_in_a_greenlet_is_told_and_left_to_gevent(caplog: pytest.LogCaptureFixture) -> None:
    asked = SystemExit(7)
    log_exception = log.greenlet_exception_logger(logging.getLogger("mine"))
    with caplog.at_level(logging.INFO):
        log_exception(SimpleNamespace(exc_info=(SystemExit, asked, None)))
    assert "sys.exit(7) called" in caplog.text
