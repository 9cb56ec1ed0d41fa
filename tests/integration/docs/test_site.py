"""The built site: nothing broken, nothing lost, nothing loaded from elsewhere."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from locust_rs.argument_parser import get_parser
from locust_rs.event import Events
from pages.code_blocks import ROOT
from pages.links import broken, is_outside, read_site

# The first test builds the site.
pytestmark = pytest.mark.timeout(600)


def test_every_link_leads_to_something(site: Path) -> None:
    assert broken(site) == []


def test_it_works_without_a_network(site: Path) -> None:
    loaded = {target for page in read_site(site).values() for target in page.loads}
    assert {target for target in loaded if is_outside(target)} == set()
    index = json.loads((site / "search" / "search_index.json").read_text())
    assert any("catch_response" in document["text"] for document in index["docs"])
    # Pages opened as files can't fetch the index, so it is there as a script too.
    assert (site / "search" / "search_index.js").exists()


def test_every_page_of_the_folder_is_a_page_of_the_site(site: Path) -> None:
    files = {path.stem for path in (ROOT / "docs").glob("*.md")} - {"README"}
    assert files <= {path.stem for path in site.glob("*.html")}
    navigation = (site / "index.html").read_text()
    assert [name for name in sorted(files) if f'href="{name}.html' not in navigation] == []


def test_the_reference_has_every_option(site: Path) -> None:
    page = read_site(site)[site / "reference" / "options.html"]
    longest = {
        next(word for word in action.option_strings if word.startswith("--")).lstrip("-")
        for action in get_parser()._actions
        if action.option_strings and action.help != "==SUPPRESS=="
    }
    assert longest - page.names == set()


def test_the_reference_has_every_event(site: Path) -> None:
    assert set(vars(Events())) - read_site(site)[site / "reference" / "events.html"].names == set()


def test_the_reference_has_every_route(site: Path) -> None:
    described = yaml.safe_load((ROOT / "docs/openapi.yaml").read_text())
    page = (site / "reference" / "web-api.html").read_text()
    assert [path for path in described["paths"] if f"{path}</code>" not in page] == []


@pytest.mark.parametrize("name", ["HttpUser", "TaskSet", "Environment", "StatsEntry", "LoadTestShape", "StopUser"])
def test_the_reference_has_the_class(site: Path, name: str) -> None:
    assert any(name in page.names or name.lower() in page.names for page in read_site(site).values())


def test_llms_txt_lists_every_page(site: Path) -> None:
    listed = set(re.findall(r"\]\(([^)]+)\)", (site / "llms.txt").read_text()))
    pages = {path.relative_to(site).as_posix() for path in site.rglob("*.html")} - {"404.html"}
    assert {page for page in pages if not page.startswith("decisions/0")} <= listed
    assert all((site / page).exists() for page in listed)
    assert "constant_throughput" in (site / "llms-full.txt").read_text()


SEARCH = """
const { chromium } = require('playwright-core');
(async () => {
  const [executable, page_url] = process.argv.slice(1);
  const browser = await chromium.launch({ executablePath: executable, args: ['--no-sandbox'] });
  const page = await (await browser.newContext({ offline: true })).newPage();
  const errors = [];
  page.on('pageerror', error => errors.push(String(error)));
  await page.goto(page_url);
  await page.locator('input[name=query]').first().click();
  await page.locator('input[name=query]').first().pressSequentially('catch_response');
  const found = page.locator('.md-search-result__item a[href]').first();
  await found.waitFor({ state: 'attached', timeout: 60000 });
  console.log(JSON.stringify({ found: await found.getAttribute('href'), errors }));
  await browser.close();
})();
"""


@pytest.mark.browser
def test_the_search_finds_a_word_in_pages_opened_as_files(site: Path) -> None:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert chromium, "no Chromium on PATH: install your distribution's `chromium`"
    command = ["node", "-e", SEARCH, chromium, (site / "index.html").as_uri()]
    done = subprocess.run(command, cwd=ROOT / "web", capture_output=True, text=True, timeout=180)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["errors"] == []
    assert ".html" in said["found"]
