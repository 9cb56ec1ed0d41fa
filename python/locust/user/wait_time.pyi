# Written by tools/generate_alias_stubs.py; at run time this is `locust_rs.user.wait_time` itself.
from locust_rs.user.wait_time import between as between
from locust_rs.user.wait_time import constant as constant
from locust_rs.user.wait_time import constant_pacing as constant_pacing
from locust_rs.user.wait_time import constant_throughput as constant_throughput
