"""Types of `web_ui.auth_args`, with which a locustfile describes its login page."""

from __future__ import annotations

from typing import TypedDict


class InputField(TypedDict, total=False):
    """One field of a custom login form."""

    label: str
    name: str
    type: str | None
    """Any type of an HTML input, `email` for example."""
    default_value: bool | None
    choices: list[str] | None
    is_multiple: bool | None
    is_secret: bool | None
    is_required: bool | None


class CustomForm(TypedDict, total=False):
    """A login form with fields of its own; it posts to `callback_url`."""

    inputs: list[InputField] | None
    callback_url: str
    submit_button_text: str | None


class AuthProvider(TypedDict, total=False):
    """A button that leads to the login of another service."""

    label: str | None
    callback_url: str
    icon_url: str | None


class AuthArgs(TypedDict, total=False):
    """Everything that the login page shows; `error` and `info` come from the session."""

    custom_form: CustomForm
    auth_providers: list[AuthProvider]
    username_password_callback: str
    error: str
    info: str
