# Written by tools/generate_alias_stubs.py; at run time this is `locust_rs.util.directory` itself.
from locust_rs.util.directory import get_abspaths_in as get_abspaths_in
