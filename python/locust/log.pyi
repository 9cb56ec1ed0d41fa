# Written by tools/generate_alias_stubs.py; at run time this is `locust_rs.log` itself.
from locust_rs.log import HOSTNAME as HOSTNAME
from locust_rs.log import LogReader as LogReader
from locust_rs.log import get_logs as get_logs
from locust_rs.log import greenlet_exception_logger as greenlet_exception_logger
from locust_rs.log import setup_logging as setup_logging
from locust_rs.log import unhandled_greenlet_exception as unhandled_greenlet_exception
