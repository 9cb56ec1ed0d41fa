class MyWebUser(Locust):
    def on_start(self):
        self.client.headers = {"Accept-Encoding":""}
