# Written by tools/generate_alias_stubs.py; at run time this is `locust_rs.contrib.fasthttp` itself.
from locust_rs.contrib.fasthttp import CompatRequest as CompatRequest
from locust_rs.contrib.fasthttp import ErrorResponse as ErrorResponse
from locust_rs.contrib.fasthttp import FAILURE_EXCEPTIONS as FAILURE_EXCEPTIONS
from locust_rs.contrib.fasthttp import FastHttpLocust as FastHttpLocust
from locust_rs.contrib.fasthttp import FastHttpSession as FastHttpSession
from locust_rs.contrib.fasthttp import FastHttpUser as FastHttpUser
from locust_rs.contrib.fasthttp import FastRequest as FastRequest
from locust_rs.contrib.fasthttp import FastResponse as FastResponse
from locust_rs.contrib.fasthttp import LocustBadStatusCode as LocustBadStatusCode
from locust_rs.contrib.fasthttp import LocustUserAgent as LocustUserAgent
from locust_rs.contrib.fasthttp import ResponseContextManager as ResponseContextManager
from locust_rs.contrib.fasthttp import RestResponseContextManager as RestResponseContextManager
from locust_rs.contrib.fasthttp import _construct_basic_auth_str as _construct_basic_auth_str
from locust_rs.contrib.fasthttp import absolute_http_url_regexp as absolute_http_url_regexp
from locust_rs.contrib.fasthttp import insecure_ssl_context_factory as insecure_ssl_context_factory
