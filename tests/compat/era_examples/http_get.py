response = self.client.get("/about")
print("Response status code:", response.status_code)
print("Response content:", response.content)
