from locust import Locust, TaskSet, task

class MyTaskSet(TaskSet):
    @task
    def my_task(l):
        print("executing my_task")

class MyLocust(Locust):
    task_set = MyTaskSet
    min_wait = 5000
    max_wait = 15000
