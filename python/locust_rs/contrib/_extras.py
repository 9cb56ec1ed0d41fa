"""The error message for a missing optional package."""

from __future__ import annotations

from locust_rs_installation import install_command


def missing_extra(feature: str, extra: str, error: ModuleNotFoundError) -> ModuleNotFoundError:
    """The error to raise instead of the one that the import of an optional package raised.

    Args:
        feature: The class that needs the package.
        extra: The extra of this distribution that installs it.
        error: The error that the import raised.
    """
    command = install_command(extra)
    return ModuleNotFoundError(
        f"{feature} needs the package {error.name!r}, which is not installed."
        + (f" Install it with: {command}" if command else ""),
        name=error.name,
    )
