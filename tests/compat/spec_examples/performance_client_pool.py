from geventhttpclient.client import HTTPClientPool

class MyUser(FastHttpUser):
    client_pool = HTTPClientPool(concurrency=5)
