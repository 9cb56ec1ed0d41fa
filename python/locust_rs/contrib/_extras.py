"""What is said when an optional package is missing."""

from __future__ import annotations


def missing_extra(feature: str, extra: str, error: ModuleNotFoundError) -> ModuleNotFoundError:
    """The error to raise in place of one that an import of an optional package raised.

    Args:
        feature: The class that needs the package.
        extra: The extra of this distribution that installs it.
        error: What the import raised.
    """
    return ModuleNotFoundError(
        f"{feature} needs the package {error.name!r}, which is not installed. "
        f'Install it with: pip install "locust-rs[{extra}]"',
        name=error.name,
    )
