from locust.env import Environment

env = Environment(user_classes=[MyTestUser])
