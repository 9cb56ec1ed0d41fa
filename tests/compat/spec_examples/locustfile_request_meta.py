with self.client.get("/", catch_response=True) as resp:
    resp.request_meta["name"] = resp.json()["name"]
