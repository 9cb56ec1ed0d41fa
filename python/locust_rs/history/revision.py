"""The git revision of a folder, read from git's files: a test must not wait for a process at its start."""

from __future__ import annotations

import os
import re
from pathlib import Path

_CI_VARIABLES = ("GITHUB_SHA", "CI_COMMIT_SHA", "GIT_COMMIT", "BUILD_SOURCEVERSION", "CIRCLE_SHA1")
_HASH = re.compile(r"[0-9a-f]{40,64}")


def revision_of(folder: Path) -> dict[str, str]:
    """The commit, and the branch if there is one; empty outside of a repository.

    In a job of a CI system whose checkout has no `.git`, the job's variables tell the commit.
    """
    try:
        found = _from_git(folder.resolve())
    except (OSError, ValueError):
        found = {}
    if not found:
        commit = next((value for name in _CI_VARIABLES if (value := os.environ.get(name))), "")
        found = {"commit": commit} if commit else {}
    return found


def _from_git(folder: Path) -> dict[str, str]:
    for above in (folder, *folder.parents):
        git = above / ".git"
        if git.is_file():
            # A work tree or a submodule: the file names the real folder.
            git = above / git.read_text().removeprefix("gitdir:").strip()
        if (git / "HEAD").is_file():
            return _head(git)
    return {}


def _head(git: Path) -> dict[str, str]:
    head = (git / "HEAD").read_text().strip()
    if not head.startswith("ref:"):
        return {"commit": head} if _HASH.fullmatch(head) else {}
    reference = head.removeprefix("ref:").strip()
    common = git / (git / "commondir").read_text().strip() if (git / "commondir").is_file() else git
    commit = _commit(git, common, reference)
    return {"commit": commit, "branch": reference.removeprefix("refs/heads/")} if commit else {}


def _commit(git: Path, common: Path, reference: str) -> str:
    for place in (git / reference, common / reference):
        if place.is_file():
            return place.read_text().strip()
    packed = common / "packed-refs"
    lines = packed.read_text().splitlines() if packed.is_file() else []
    return next((line.split()[0] for line in lines if line.endswith(f" {reference}")), "")
