# Written by tools/generate_alias_stubs.py; at run time this is `locust_rs.debug` itself.
from locust_rs.debug import PrintListener as PrintListener
from locust_rs.debug import _env as _env
from locust_rs.debug import _print_t as _print_t
from locust_rs.debug import run_single_user as run_single_user
