with self.client.get("/", catch_response=True) as response:
    if response.content == "":
        response.failure("No data")
