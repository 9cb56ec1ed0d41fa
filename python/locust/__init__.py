"""`locust` is `locust_rs` under the name that locustfiles use; `locust_rs/_alias.py` does it."""

import importlib
import sys

IS_LOCUST_RS = True
"""Tells this file from stock Locust's while it is being imported."""

sys.modules["locust"] = importlib.import_module("locust_rs")
