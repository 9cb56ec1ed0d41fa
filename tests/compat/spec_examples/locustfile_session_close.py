self.client.get("/")
self.client.close()
self.client.get("/new_connection_here")
