"""The two versions that a user meets."""

__version__ = "2.47.0"
"""The Locust release whose API, options and wire protocol this package implements.

It is `locust.__version__`; `locust -V` prints it first, and a worker sends it to its master.
"""

distribution_version = "0.1.0"
"""The version of the distribution `locust-rs`; equal to `Cargo.toml` and `pyproject.toml`."""

version = __version__
version_tuple = __version_tuple__ = tuple(int(part) for part in __version__.split("."))
