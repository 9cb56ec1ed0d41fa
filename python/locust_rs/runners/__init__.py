"""The runners, which start and stop users in this process or on workers. Public module `locust.runners`."""

from locust_rs._reexports import provide_reexports
from locust_rs._states import (
    STATE_CLEANUP,
    STATE_INIT,
    STATE_MISSING,
    STATE_RUNNING,
    STATE_SPAWNING,
    STATE_STOPPED,
    STATE_STOPPING,
)
from locust_rs._tunables import publish
from locust_rs._tunables import runners as _tunables
from locust_rs.runners.base import Runner, locust_exception_handler, logger
from locust_rs.runners.distributed import DistributedRunner
from locust_rs.runners.exception_table import ExceptionDict
from locust_rs.runners.local import LocalRunner
from locust_rs.runners.master import MasterRunner
from locust_rs.runners.resources import GeneratorHealth
from locust_rs.runners.users.counts import _aggregate_dispatched_users, _format_user_classes_count_for_log
from locust_rs.runners.worker import WorkerRunner
from locust_rs.runners.worker_nodes import WorkerNode, WorkerNodes

publish(__name__, _tunables, [name for name in vars(_tunables) if name.isupper()])

__all__ = [
    "STATE_CLEANUP",
    "STATE_INIT",
    "STATE_MISSING",
    "STATE_RUNNING",
    "STATE_SPAWNING",
    "STATE_STOPPED",
    "STATE_STOPPING",
    "DistributedRunner",
    "ExceptionDict",
    "GeneratorHealth",
    "LocalRunner",
    "MasterRunner",
    "Runner",
    "WorkerNode",
    "WorkerNodes",
    "WorkerRunner",
    "_aggregate_dispatched_users",
    "_format_user_classes_count_for_log",
    "locust_exception_handler",
    "logger",
]

provide_reexports(__name__)
