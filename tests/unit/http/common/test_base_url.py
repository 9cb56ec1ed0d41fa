"""Base URLs: credentials out, paths on."""

from __future__ import annotations

import pytest

from locust_rs.http.common.base_url import join, split_credentials


@pytest.mark.parametrize(
    ("base_url", "without", "credentials"),
    [
        ("http://host", "http://host", None),
        ("http://u:p@host:8080/x?y#z", "http://host:8080/x?y#z", ("u", "p")),
        ("http://u%40x:p%3Aq@host", "http://host", ("u@x", "p:q")),
        ("http://u:p@[::1]:80/", "http://[::1]:80/", ("u", "p")),
        ("http://u@host", "http://u@host", None),
        ("http://:p@host", "http://:p@host", None),
    ],
)
def test_credentials_are_taken_out(base_url: str, without: str, credentials: tuple[str, str] | None) -> None:
    assert split_credentials(base_url) == (without, credentials)


@pytest.mark.parametrize(
    ("base_url", "path", "joined"),
    [
        ("http://host", "/a", "http://host/a"),
        ("http://host/x/", "/a", "http://host/x//a"),
        ("http://host", "HTTPS://other/a", "HTTPS://other/a"),
        ("http://host", "", "http://host"),
    ],
)
def test_only_absolute_urls_stand_alone(base_url: str, path: str, joined: str) -> None:
    assert join(base_url, path) == joined
