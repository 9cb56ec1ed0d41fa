# Written by tools/generate_alias_stubs.py; at run time this is `locust_rs.env` itself.
from locust_rs.env import Environment as Environment
from locust_rs.env import RunnerType as RunnerType
