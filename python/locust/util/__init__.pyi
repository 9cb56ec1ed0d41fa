# Written by tools/generate_alias_stubs.py; at run time this is `locust_rs.util` itself.
