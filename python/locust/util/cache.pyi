# Written by tools/generate_alias_stubs.py; at run time this is `locust_rs.util.cache` itself.
from locust_rs.util.cache import memoize as memoize
