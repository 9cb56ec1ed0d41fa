response = self.client.post("/login", {"username":"testuser", "password":"secret"})
