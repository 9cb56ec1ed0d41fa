# Written by tools/generate_alias_stubs.py; at run time this is `locust_rs.util.load_locustfile` itself.
from locust_rs.util.load_locustfile import is_shape_class as is_shape_class
from locust_rs.util.load_locustfile import is_user_class as is_user_class
from locust_rs.util.load_locustfile import load_locustfile as load_locustfile
from locust_rs.util.load_locustfile import load_locustfile_pytest as load_locustfile_pytest
