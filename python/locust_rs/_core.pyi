"""The native half of locust-rs. Written by hand; checked against the module in CI.

Sections follow the binding's files: stats, wire, dispatch, http.
"""

__version__: str
