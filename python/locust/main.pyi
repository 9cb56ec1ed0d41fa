# Written by tools/generate_alias_stubs.py; at run time this is `locust_rs.main` itself.
from locust_rs.main import COMMON_OPTIONS as COMMON_OPTIONS
from locust_rs.main import create_environment as create_environment
from locust_rs.main import main as main
from locust_rs.main import merge_locustfiles_content as merge_locustfiles_content
from locust_rs.main import version as version
