with self.client.get("/", catch_response=True) as response:
    if response.content == b"":
        response.failure("No data")
