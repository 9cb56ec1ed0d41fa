from locust import HttpUser, task, events
from locust.contrib.csv_request_logger import CsvRequestLogger

logger = CsvRequestLogger("results/requests.csv")

@events.init.add_listener
def on_locust_init(environment, **kwargs):
    logger.register(environment)

class MyUser(HttpUser):
    @task
    def index(self):
        self.client.get("/")
