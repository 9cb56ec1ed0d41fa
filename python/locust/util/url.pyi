# Written by tools/generate_alias_stubs.py; at run time this is `locust_rs.util.url` itself.
from locust_rs.util.url import is_url as is_url
