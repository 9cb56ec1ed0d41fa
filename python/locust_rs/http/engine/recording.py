"""Where the engine may record requests itself, instead of letting the `request` event be fired."""

from __future__ import annotations

from typing import Any

from locust_rs.event import EventHook


def recording_of(request_event: Any, user: Any) -> tuple[dict[str, Any], Any] | tuple[None, None]:
    """What `HttpClient.record_to` wants for a session; nothing unless its event is an ordinary one.

    Args:
        request_event: What the session fires.
        user: Whose environment has the statistics; may be None.
    """
    recorder = getattr(getattr(getattr(user, "environment", None), "stats", None), "recorder", None)
    if recorder is None or getattr(type(request_event), "fire", None) is not EventHook.fire:
        return None, None
    return vars(request_event), recorder
