"""The table of options gives the same values in stock Locust."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

CASES: list[dict[str, Any]] = json.loads((Path(__file__).parents[2] / "vectors" / "options.json").read_text())

# Run with stock's interpreter, in one process for all cases.
PARSE_ALL = """
import contextlib, io, json, os, sys
from locust.argument_parser import parse_options

results = []
for case in json.load(sys.stdin):
    for name in [name for name in os.environ if name.startswith("LOCUST_") and name != "LOCUST_SKIP_MONKEY_PATCH"]:
        del os.environ[name]
    os.environ.update(case["env"])
    for path, text in (("locust.conf", case["conf"]), ("pyproject.toml", case["toml"])):
        if os.path.exists(path):
            os.unlink(path)
        if text:
            open(path, "w").write(text)
    with contextlib.redirect_stdout(io.StringIO()):
        results.append(vars(parse_options(case["args"]))[case["dest"]])
json.dump(results, sys.stdout)
"""


@pytest.mark.stock
def test_stock_parses_the_table_alike(stock_python: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [str(stock_python), "-c", PARSE_ALL],
        input=json.dumps(CASES),
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "LOCUST_SKIP_MONKEY_PATCH": "1"},
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    parsed = json.loads(done.stdout)
    different = [
        (case["id"], case["value"], got) for case, got in zip(CASES, parsed, strict=True) if case["value"] != got
    ]
    assert different == []
