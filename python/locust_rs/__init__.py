"""Locust with a compiled core. The public names of `locust`; nothing inside the package imports this module."""

from locust_rs._patching import patch_standard_library

patch_standard_library()

from locust_rs._version import __version__  # noqa: E402  # sockets must be patched before anything else

__all__ = ["__version__"]
