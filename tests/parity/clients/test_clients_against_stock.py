"""Both clients against stock Locust: the same calls, the same bytes, results, exceptions and events."""

from __future__ import annotations

import sys
from pathlib import Path
from pprint import pformat

import pytest

from recorder.harness import differences, run_calls


@pytest.mark.stock
@pytest.mark.parametrize("kind", ["http", "fast"])
def test_libraries_behave_as_under_stock(kind: str, stock_python: Path) -> None:
    stock = run_calls(stock_python, kind)
    ours = run_calls(sys.executable, kind, LOCUST_HTTP_ENGINE="off")
    assert len(ours) > 300
    found = differences(ours, stock)
    assert not found, pformat(found, width=160)
