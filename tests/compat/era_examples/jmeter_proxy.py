#setting a proxy which is running on localhost at port 8888
def on_start(self):
    self.client.proxies = { "http"  : "http://localhost:8888", "https" : "https://localhost:8888"}
    self.client.verify = False
