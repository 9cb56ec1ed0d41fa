class MyUser(HttpUser):
    @task
    def t(self):
        self.client.post("/login", json={"username": "foo"})
        self.client.get("/other_request", context={"username": "foo"})

@events.request.add_listener
def on_request(context, **kwargs):
    if context:
        print(context["username"])
