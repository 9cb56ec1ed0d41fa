from locust import HttpUser
from urllib3 import PoolManager

class MyUser(HttpUser):
    # All instances of this class will be limited to 10 concurrent connections at most.
    pool_manager = PoolManager(maxsize=10, block=True)
