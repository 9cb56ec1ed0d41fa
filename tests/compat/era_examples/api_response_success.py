with self.client.get("/does/not/exist", catch_response=True) as response:
    if response.status_code == 404:
        response.success()
