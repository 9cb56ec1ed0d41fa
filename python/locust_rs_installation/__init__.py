"""How locust-rs is installed here: beside stock Locust or not, by which installer, and what mends it.

Plug-ins require a distribution `locust`. A wheel of locust-rs brings one along, without a RECORD, so that nobody
installs stock Locust for them. Where that happens all the same, both write the folder `locust`, and the last one wins.

The package imports nothing of `locust_rs`: gevent loads it as a plug-in of its own (see `tell_if_replaced`), in
programs that have nothing to do with load tests too.
"""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Iterator
from typing import Any

_DISTRIBUTION = "locust-rs"


def stock_under_ours() -> str | None:
    """Says that stock Locust is installed beside locust-rs, and what mends that. None: it isn't."""
    for path in _stock_distributions():
        return f"Stock Locust is installed in the same environment ({path}). {_remedy(path)}"
    return None


def stock_instead_of_ours() -> str:
    """Says that `locust` is stock Locust although locust-rs is installed, and what mends that."""
    path = next(_stock_distributions(), None)
    where = path or getattr(sys.modules.get("locust"), "__file__", None) or "a folder of sys.path"
    return f"`locust` is stock Locust here, which has taken the place of locust-rs ({where}). {_remedy(path)}"


def tell_if_replaced(_event: Any) -> None:
    """Tells a user of stock Locust that it has overwritten locust-rs; gevent calls it after monkey patching.

    An installer that overwrites `locust` leaves nothing of locust-rs in the command `locust`; patching the standard
    library is what stock Locust begins with.
    """
    if "locust" in sys.modules and "locust_rs" not in sys.modules:
        sys.stderr.write(f"locust-rs: {stock_instead_of_ours()}\n")


def install_command(extra: str) -> str | None:
    """The command that installs what an extra names. None: nobody knows what that is.

    It names the packages: `locust-rs[extra]` would be looked up in an index where locust-rs need not be.
    """
    from importlib import metadata

    try:
        requirements = metadata.requires(_DISTRIBUTION) or []
    except metadata.PackageNotFoundError:
        return None
    parts = [requirement.partition(";") for requirement in requirements]
    wanted = [name.strip() for name, _, marker in parts if f"'{extra}'" in marker.replace('"', "'")]
    return f"{_installer()} install {shlex.join(wanted)}" if wanted else None


def _stock_distributions() -> Iterator[str]:
    """Folders of distributions called `locust` that are not ours, in the order of `sys.path`."""
    # Listing folders takes a fraction of the time that importlib.metadata does.
    for folder in sys.path:
        for name in _names_in(folder):
            path = os.path.join(folder, name)
            if name.startswith("locust-") and (name.endswith(".egg-info") or _has_record(path)):
                yield path


def _names_in(folder: str) -> list[str]:
    try:
        return sorted(os.listdir(folder or "."))
    except OSError:
        return []


def _has_record(path: str) -> bool:
    return path.endswith(".dist-info") and os.path.exists(os.path.join(path, "RECORD"))


def _remedy(stock: str | None) -> str:
    beside = _names_in(os.path.dirname(stock)) if stock else []
    if stock is None or not any(name.startswith("locust_rs-") and name.endswith(".dist-info") for name in beside):
        return "Take that folder out of PYTHONPATH and sys.path, or use an environment of its own for each."
    ours = [name for name in beside if name.startswith("locust-") and name.endswith(".dist-info")]
    ours = [name for name in ours if not _has_record(os.path.join(os.path.dirname(stock), name))]
    # Where both share a folder of metadata, locust-rs would take away what the installer knows stock Locust by.
    order = [_DISTRIBUTION, "locust"] if ours else ["locust", _DISTRIBUTION]
    tool, source = _installer(), _source()
    commands = [f"{tool} uninstall {'-y ' if tool == 'pip' else ''}{name}" for name in order]
    if source:
        commands.append(f"{tool} install {source}")
    return (
        f"Mend it with: {' && '.join(commands)}{'' if source else ', then install locust-rs again'}. "
        "A package that requires another version of locust needs an environment of its own."
    )


def _installer() -> str:
    return "uv pip" if _own_file("INSTALLER").strip() == "uv" else "pip"


def _source() -> str | None:
    """What to install again, as an argument of the installer; None where that is gone."""
    import json
    from urllib.parse import unquote, urlsplit

    origin = json.loads(_own_file("direct_url.json") or "{}")
    if not origin:
        return _DISTRIBUTION
    url = str(origin.get("url", ""))
    if not url.startswith("file:"):
        return shlex.quote(url)
    path = unquote(urlsplit(url).path)
    if not os.path.exists(path):
        return None
    return ("-e " if origin.get("dir_info", {}).get("editable") else "") + shlex.quote(path)


def _own_file(name: str) -> str:
    from importlib import metadata

    try:
        return metadata.distribution(_DISTRIBUTION).read_text(name) or ""
    except metadata.PackageNotFoundError:
        return ""
