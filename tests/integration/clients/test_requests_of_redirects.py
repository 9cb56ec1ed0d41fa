"""What the responses of `FastHttpSession` say about the redirects that led to them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from recorder.harness import RecordingServer


@pytest.mark.parametrize("http_engine", [True, False], ids=["engine", "geventhttpclient"])
def test_the_target_of_a_redirect_is_unverifiable_and_redirects_have_no_history(
    make_session: Callable[..., Any], recorder: RecordingServer, http_engine: bool
) -> None:
    session = make_session("fast", recorder.url, http_engine)
    direct, redirected = session.get("/json"), session.get("/redirect-twice")
    assert [len(response.history) for response in (direct, redirected, *redirected.history)] == [0, 2, 0, 0]
    assert (direct.request.unverifiable, direct.request.type) == (False, "http")
    assert (redirected.request.unverifiable, redirected.request.is_unverifiable()) == (True, True)
    session.client.close()
