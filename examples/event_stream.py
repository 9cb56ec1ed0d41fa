"""Server-sent events: a feed that is read for a while, and an answer that comes in pieces, as from a language model.

locust -f examples/event_stream.py --host https://example.com
"""

from locust import FastHttpUser, between, task
from locust.contrib.sse import EventSource


class Reader(FastHttpUser):
    wait_time = between(0.1, 0.5)

    @task
    def feed(self):
        with EventSource(self.client, "/events?count=1000", name="feed") as source:
            for number, event in enumerate(source, 1):
                assert event.event == "tick"
                if number == 10:
                    break

    @task
    def answer(self):
        # SSEFirst: the time to the first token; SSENext: that between tokens.
        source = EventSource(self.client, "/complete", method="POST", json=["to", "be", "or"], name="answer")
        assert [event.data for event in source] == ["to", "be", "or"]
