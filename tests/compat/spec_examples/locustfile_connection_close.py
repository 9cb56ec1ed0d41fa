self.client.get("/", headers={"Connection": "close"})
self.client.get("/new_connection_here")
