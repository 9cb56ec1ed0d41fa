# Written by tools/generate_alias_stubs.py; at run time this is `locust_rs.dispatch` itself.
from locust_rs.dispatch import UsersDispatcher as UsersDispatcher
from locust_rs.dispatch import _kl_generator as _kl_generator
