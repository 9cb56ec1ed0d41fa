# Written by tools/generate_alias_stubs.py; at run time this is `locust_rs.user.sequential_taskset` itself.
from locust_rs.user.sequential_taskset import SequentialTaskSet as SequentialTaskSet
from locust_rs.user.sequential_taskset import SequentialTaskSetMeta as SequentialTaskSetMeta
