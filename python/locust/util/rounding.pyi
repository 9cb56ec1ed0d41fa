# Written by tools/generate_alias_stubs.py; at run time this is `locust_rs.util.rounding` itself.
from locust_rs.util.rounding import proper_round as proper_round
