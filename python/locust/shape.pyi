# Written by tools/generate_alias_stubs.py; at run time this is `locust_rs.shape` itself.
from locust_rs.shape import LoadTestShape as LoadTestShape
from locust_rs.shape import LoadTestShapeMeta as LoadTestShapeMeta
from locust_rs.shape import Runner as Runner
