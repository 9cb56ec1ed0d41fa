"""Values that users overwrite, and the mechanism that keeps them overwritable.

Each value lives in one module here, and code reads it from there at the time of use. The public module that users
know (`locust.stats`, `locust.runners`, …) has the same names; assigning one there, also through `mock.patch`, assigns
it here.
"""

from locust_rs._tunables.mirror import publish

__all__ = ["publish"]
