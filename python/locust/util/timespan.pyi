# Written by tools/generate_alias_stubs.py; at run time this is `locust_rs.util.timespan` itself.
from locust_rs.util.timespan import parse_timespan as parse_timespan
