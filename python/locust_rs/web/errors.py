"""Every error of the web UI as JSON: `{"success": false, "message": …}` under its HTTP code."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from flask import jsonify, make_response, request
from werkzeug.exceptions import HTTPException

if TYPE_CHECKING:
    from flask import Flask, Response

logger = logging.getLogger("locust.web")


def refuse(code: int, message: str, **more: Any) -> Response:
    """The answer to a request that is refused or failed."""
    return make_response(jsonify(success=False, message=message, **more), code)


def register(app: Flask) -> None:
    """Registers the answers to errors of routing, of input and of code."""
    app.register_error_handler(HTTPException, _answer_http_error)
    app.register_error_handler(Exception, _answer_exception)


def _answer_http_error(error: HTTPException) -> Any:
    if error.response is not None:
        return error.response
    answer = refuse(error.code or 500, f"{error.code} {error.name}: {error.description}")
    for name, value in error.get_headers():
        # `Allow` of a 405, `Retry-After`, …; the body is ours.
        if name.lower() not in ("content-type", "content-length"):
            answer.headers[name] = value
    return answer


def _answer_exception(error: Exception) -> Response:
    kind = type(error).__name__
    logger.error(
        f"UI got request for {request.method} {request.path}, but it resulted in a 500: {kind}",
        exc_info=error,
    )
    # The text of an exception may contain anything, also secrets, so it is only logged.
    return refuse(500, f"{kind} while answering {request.method} {request.path}. The log of Locust has details.")
