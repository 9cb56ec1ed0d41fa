from locust import User, between
class MyUser(User):
    wait_time = between(3, 25)
