"""Questions to a service of OpenAI's API, answered as a stream. Needs `pip install openai` and OPENAI_API_KEY.

The stream's request lasts until its end and has its tokens as length; one of type `TTFT` has the time to its first
token. For a service of your own: `--host http://127.0.0.1:8000/v1`.
"""

from locust import between, task
from locust.contrib.oai import OpenAIUser


class Asker(OpenAIUser):
    wait_time = between(1, 3)

    @task
    def ask(self):
        question = [{"role": "user", "content": "What is a locust?"}]
        with self.client.rename_request("what is a locust"):
            stream = self.client.chat.completions.create(
                model="gpt-4o-mini", messages=question, stream=True, stream_options={"include_usage": True}
            )
            for _chunk in stream:
                pass
