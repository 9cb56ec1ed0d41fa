# Written by tools/generate_alias_stubs.py; at run time this is `locust_rs.user` itself.
from locust_rs.user import HttpUser as HttpUser
from locust_rs.user import TaskSet as TaskSet
from locust_rs.user import User as User
from locust_rs.user import tag as tag
from locust_rs.user import task as task
from locust_rs.user import wait_time as wait_time
