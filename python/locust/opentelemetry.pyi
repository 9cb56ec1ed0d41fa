# Written by tools/generate_alias_stubs.py; at run time this is `locust_rs.opentelemetry` itself.
from locust_rs.opentelemetry import MAX_REQUEST_NAMES as MAX_REQUEST_NAMES
from locust_rs.opentelemetry import MasterRunner as MasterRunner
from locust_rs.opentelemetry import WorkerRunner as WorkerRunner
from locust_rs.opentelemetry import _setup_auto_instrumentation as _setup_auto_instrumentation
from locust_rs.opentelemetry import _setup_logger_provider as _setup_logger_provider
from locust_rs.opentelemetry import _setup_meter_provider as _setup_meter_provider
from locust_rs.opentelemetry import _setup_tracer_provider as _setup_tracer_provider
from locust_rs.opentelemetry import logger as logger
from locust_rs.opentelemetry import request_names as request_names
from locust_rs.opentelemetry import setup_opentelemetry as setup_opentelemetry
