"""The master: which worker runs which users, and what the workers report."""

from locust_rs.runners.master.runner import MasterRunner as MasterRunner
