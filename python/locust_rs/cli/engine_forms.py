"""What in a locustfile takes requests off the engine: a look at its text, for `locust-rs doctor FILE`."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from locust_rs.http.common.leaving import Reason

_FRAMING = frozenset(["content-length", "transfer-encoding", "expect"])
_LIBRARIES = frozenset(["requests", "urllib3", "http", "socket", "geventhttpclient"])
_SESSION_METHODS = frozenset(
    ["send", "prepare_request", "get_adapter", "merge_environment_settings", "resolve_redirects", "rebuild_auth",
     "_build_url", "_send_request_safe_mode"]
)  # fmt: skip
_CLIENT_METHODS = frozenset(["get", "post", "put", "patch", "delete", "head", "options", "request", "rest"])


def leaving_forms(source: str) -> list[tuple[int, str]]:
    """Lines of a locustfile whose requests, as far as their text tells, leave the engine, and why.

    Raises:
        SyntaxError: The text is not Python.
    """
    tree = ast.parse(source)
    found = {(line, str(reason)) for node in ast.walk(tree) for line, reason in _reasons(node)}
    return sorted(found)


def _reasons(node: ast.AST) -> Iterator[tuple[int, str]]:
    if isinstance(node, ast.ClassDef):
        yield from _reasons_of_class(node)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _CLIENT_METHODS:
        yield from _reasons_of_call(node)
    elif isinstance(node, (ast.Assign, ast.AugAssign)):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        for target in targets:
            if _is_of_library(target):
                yield node.lineno, Reason.PATCHED_LIBRARY


def _reasons_of_class(node: ast.ClassDef) -> Iterator[tuple[int, str]]:
    bases = {_last_name(base) for base in node.bases}
    if "HTTPAdapter" in bases:
        yield node.lineno, Reason.OWN_ADAPTER
    for statement in node.body:
        if isinstance(statement, ast.FunctionDef) and "HttpSession" in bases and statement.name in _SESSION_METHODS:
            yield statement.lineno, Reason.REPLACED_METHOD
        if isinstance(statement, ast.Assign):
            names = {target.id for target in statement.targets if isinstance(target, ast.Name)}
            if names & {"client_pool", "ssl_context_factory"}:
                yield statement.lineno, Reason.OWN_POOL
            if "http_engine" in names and isinstance(statement.value, ast.Constant) and statement.value.value is False:
                yield statement.lineno, "http_engine is False"


def _reasons_of_call(node: ast.Call) -> Iterator[tuple[int, str]]:
    for keyword in node.keywords:
        value = keyword.value
        if keyword.arg == "debug_stream":
            yield node.lineno, Reason.DEBUG_STREAM
        elif keyword.arg == "data" and _is_stream(value):
            yield node.lineno, Reason.STREAMED_BODY
        elif keyword.arg == "headers" and isinstance(value, ast.Dict) and _FRAMING & set(_texts(value.keys)):
            yield node.lineno, Reason.OWN_FRAMING
        elif keyword.arg == "proxies" and isinstance(value, ast.Dict) and _has_other_proxy(value):
            yield node.lineno, Reason.OTHER_PROXY


def _has_other_proxy(node: ast.Dict) -> bool:
    return any(text.startswith(("https://", "socks")) for text in _texts(node.values))


def _is_stream(node: ast.expr) -> bool:
    """Whether a body is a generator or an open file."""
    return isinstance(node, ast.GeneratorExp) or (isinstance(node, ast.Call) and _last_name(node.func) == "open")


def _texts(nodes: list[ast.expr] | list[ast.expr | None]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value.lower()


def _is_of_library(node: ast.expr) -> bool:
    """Whether an attribute of a library, such as `urllib3.util.connection.HAS_IPV6`, is assigned."""
    if not isinstance(node, ast.Attribute):
        return False
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name) and node.id in _LIBRARIES


def _last_name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
