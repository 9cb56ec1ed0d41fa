from locust import TaskSet, between
class Tasks(TaskSet):
    wait_time = between(3, 25)
