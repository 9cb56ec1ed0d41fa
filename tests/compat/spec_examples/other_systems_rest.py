from locust import task, RestUser

class MyUser(RestUser):
    @task
    def t(self):
        with self.rest("POST", "/", json={"foo": 1}) as resp:
            if resp.js and resp.js["bar"] != 1:
                resp.failure(f"Unexpected value of foo in response {resp.text}")
