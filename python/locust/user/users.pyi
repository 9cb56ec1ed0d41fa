# Written by tools/generate_alias_stubs.py; at run time this is `locust_rs.user.users` itself.
from locust_rs.user.users import HttpUser as HttpUser
from locust_rs.user.users import PytestUser as PytestUser
from locust_rs.user.users import User as User
from locust_rs.user.users import UserMeta as UserMeta
from locust_rs.user.users import logger as logger
