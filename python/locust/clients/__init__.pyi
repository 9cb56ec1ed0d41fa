# Written by tools/generate_alias_stubs.py; at run time this is `locust_rs.clients` itself.
from locust_rs.clients import HttpSession as HttpSession
from locust_rs.clients import LocustHttpAdapter as LocustHttpAdapter
from locust_rs.clients import Response as Response
from locust_rs.clients import ResponseContextManager as ResponseContextManager
from locust_rs.clients import _missing_catch_response_True as _missing_catch_response_True
from locust_rs.clients import _preloaded_ssl_context as _preloaded_ssl_context
from locust_rs.clients import absolute_http_url_regexp as absolute_http_url_regexp
from locust_rs.clients import requests_version as requests_version
