"""Names of classes, functions, attributes and constants, made of any text."""

from __future__ import annotations

import keyword
import re
import unicodedata

_LONGEST = 48

# What users and task sets have themselves; a test holds this against the classes.
_TAKEN = {
    *("abstract", "client", "client_pool", "concurrency", "connection_timeout", "context", "default_headers"),
    *("arrival_distribution", "arrival_iterations", "arrival_rate", "arrival_reuses_users", "max_users"),
    *("environment", "execute_next_task", "execute_task", "fixed_count", "fullname", "get_next_task", "greenlet"),
    *("group", "host", "http_engine", "insecure", "interrupt", "json", "max_redirects", "max_retries", "max_wait"),
    *("graceful_stop", "min_wait", "network_timeout", "on_start", "on_stop", "parent", "pool_manager", "proxy_host"),
    *("proxy_port", "rest", "rest_", "run", "run_for", "schedule_task", "ssl_context_factory", "start", "start_after"),
    *("stop", "tasks", "user", "user_stages", "wait", "wait_function", "wait_time", "weight"),
}
_TAKEN_CLASSES = frozenset({"FastHttpUser", "HttpUser", "SequentialTaskSet", "Path", "Steps"})


def snake_name(text: str) -> str:
    """`Add to cart` as `add_to_cart`; empty if nothing of the text can stand in a name."""
    name = "_".join(word.lower() for word in _words(text))
    while len(name) > _LONGEST:
        name = name.rpartition("_")[0] or name[:_LONGEST]
    if name and not name[0].isidentifier():
        name = f"n_{name}"
    return f"{name}_" if keyword.iskeyword(name) else name


def upper_name(text: str) -> str:
    """`api-key` as `API_KEY`; ASCII only, as environment variables are."""
    ascii_only = "".join(character if character.isascii() else " " for character in text)
    return snake_name(ascii_only).upper().rstrip("_")


def class_name(text: str) -> str:
    """`my recording (1)` as `MyRecording1User`."""
    words = [word[0].upper() + word[1:] for word in _words(text)]
    while len(words) > 1 and len("".join(words)) > _LONGEST:
        words.pop()
    name = "".join(words)[:_LONGEST].removesuffix("User") or "Recorded"
    return f"{name}User" if name[0].isidentifier() else f"Recorded{name}User"


def free_name(name: str, taken: set[str]) -> str:
    """The name, or the name with a number, and takes it."""
    free, number = name, 2
    while free in _TAKEN:
        free = f"{free}_"
    while free in taken or free in _TAKEN_CLASSES:
        free, number = f"{name.rstrip('_')}_{number}", number + 1
    taken.add(free)
    return free


def _words(text: str) -> list[str]:
    """The parts of a text that may stand in an identifier, camel case taken apart."""
    normal = unicodedata.normalize("NFKC", text)
    parts = re.findall(r"[^\W_]+", re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", normal))
    # Some word characters (superscripts and the like) are letters to `re` and none to Python.
    kept = ["".join(character for character in part if f"a{character}".isidentifier()) for part in parts]
    return [part for part in kept if part]
