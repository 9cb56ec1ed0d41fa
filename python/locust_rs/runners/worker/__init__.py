"""The worker: runs the users that its master asks for, and reports to it."""

from locust_rs.runners.worker.runner import WorkerRunner as WorkerRunner
