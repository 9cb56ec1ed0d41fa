# Written by tools/generate_alias_stubs.py; at run time this is `locust_rs.util.exception_handler` itself.
from locust_rs.util.exception_handler import logger as logger
from locust_rs.util.exception_handler import retry as retry
