# Written by tools/generate_alias_stubs.py; at run time this is `locust_rs.web` itself.
from locust_rs.web import AuthArgs as AuthArgs
from locust_rs.web import AuthProvider as AuthProvider
from locust_rs.web import CustomForm as CustomForm
from locust_rs._tunables.web import DEFAULT_CACHE_TIME as DEFAULT_CACHE_TIME
from locust_rs._tunables.web import HOST_IS_REQUIRED as HOST_IS_REQUIRED
from locust_rs.web import InputField as InputField
from locust_rs.web import WebUI as WebUI
from locust_rs.web import greenlet_exception_handler as greenlet_exception_handler
from locust_rs.web import logger as logger
