"""Runs cargo-deny, pip-audit and npm audit on our dependencies: `make audit`.

It fails if one of them finds something. An audit that cannot run, because its tool or its service is unavailable, is
named but is not a failure.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PIP_AUDIT = ROOT / ".venv-audit"
PATIENCE_S = 300


class OutOfReach(Exception):
    """The audit could not run; the message says why."""


def run(*command: str | Path, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Runs a command to its end, whatever its exit code."""
    try:
        return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    except subprocess.TimeoutExpired:
        raise OutOfReach(f"no answer within {PATIENCE_S} s") from None


def last_line(text: str) -> str:
    """The last line that is not blank: where tools say why they gave up."""
    return next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "it says nothing")


def cargo_deny(*what: str) -> list[str]:
    """Findings of `cargo deny check`, which reads deny.toml."""
    if shutil.which("cargo-deny") is None:
        raise OutOfReach("cargo-deny is not installed: cargo install --locked cargo-deny")
    if "advisories" in what and (fetched := run("cargo", "deny", "fetch", "db")).returncode:
        raise OutOfReach(f"the advisory database can't be fetched: {last_line(fetched.stderr)}")
    done = run("cargo", "deny", "--log-level", "error", "check", *what)
    return [done.stderr.strip()] if done.returncode else []


def advisories() -> list[str]:
    """Crates in Cargo.lock with a RustSec advisory, or yanked."""
    return cargo_deny("advisories")


def crates() -> list[str]:
    """Crates whose licence, source or presence deny.toml does not accept."""
    return cargo_deny("bans", "licenses", "sources")


def python_packages() -> list[str]:
    """Packages in .venv with a known vulnerability. Puts pip-audit into an environment of its own."""
    tool = PIP_AUDIT / "bin" / "pip-audit"
    if not tool.exists():
        venv.create(PIP_AUDIT, with_pip=True)
        installed = run(PIP_AUDIT / "bin" / "python", "-m", "pip", "install", "--quiet", "pip-audit>=2.7")
        if installed.returncode:
            raise OutOfReach(f"pip-audit can't be installed: {last_line(installed.stderr)}")
    site = sysconfig.get_path("purelib")
    done = run(tool, "--path", site, "--format", "json", "--progress-spinner", "off")
    try:
        packages = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError):
        raise OutOfReach(last_line(done.stderr)) from None
    findings = [
        f"{package['name']} {package['version']}: {found['id']}, mended in {', '.join(found['fix_versions']) or 'none'}"
        for package in packages
        for found in package.get("vulns", [])
    ]
    unknown = [package["name"] for package in packages if "skip_reason" in package and package["name"] != "locust-rs"]
    if unknown and not findings:
        raise OutOfReach(f"the service has no answer for {len(unknown)} of {len(packages)}, such as {unknown[0]}")
    return findings


def web_packages() -> list[str]:
    """Packages in web/package-lock.json with a known vulnerability."""
    if shutil.which("npm") is None:
        raise OutOfReach("npm is not installed: https://nodejs.org")
    done = run("npm", "audit", "--json", cwd=ROOT / "web")
    try:
        answer = json.loads(done.stdout)
        found = answer["vulnerabilities"]
    except ValueError:
        raise OutOfReach(last_line(done.stderr)) from None
    except KeyError:
        raise OutOfReach(last_line(answer.get("message", ""))) from None
    return [f"{name}: {entry['severity']}, versions {entry['range']}" for name, entry in sorted(found.items())]


AUDITS: dict[str, Callable[[], list[str]]] = {
    "licences, sources and bans of crates": crates,
    "advisories on crates": advisories,
    "Python packages": python_packages,
    "web packages": web_packages,
}


def main() -> int:
    """Runs every audit and prints a line for each; returns how many found something."""
    failed = 0
    for name, audit in AUDITS.items():
        try:
            findings = audit()
        except OutOfReach as reason:
            print(f"not looked at  {name}: {reason}")
            continue
        print(f"{'FOUND' if findings else 'good':14} {name}")
        print("".join(f"{finding}\n" for finding in findings), end="")
        failed += bool(findings)
    return failed


if __name__ == "__main__":
    sys.exit(main())
