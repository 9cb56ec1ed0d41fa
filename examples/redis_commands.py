"""Redis, with redis-py: each command is a request.

pip install redis
locust -f examples/redis_commands.py --host redis://localhost:6379/0
"""

import redis

from locust import User, between, task


class RedisUser(User):
    abstract = True

    def __init__(self, environment):
        super().__init__(environment)
        # redis-py waits on sockets, which Locust has patched: a slow command of one user does not hold the others.
        self.client = redis.Redis.from_url(self.host, socket_timeout=10, decode_responses=True)

    def command(self, name, *arguments):
        """One command; None if it failed, which is recorded."""
        answer = None
        with self.environment.events.request.measure("Redis", name) as request:
            answer = self.client.execute_command(name, *arguments)
            request["response_length"] = len(answer) if isinstance(answer, str) else 0
        return answer

    def on_stop(self):
        self.client.close()


class Shopper(RedisUser):
    wait_time = between(0.1, 0.5)

    @task(3)
    def look_at_the_basket(self):
        self.command("SET", f"basket:{id(self)}", "three apples", "EX", 60)
        basket = self.command("GET", f"basket:{id(self)}")
        assert basket in ("three apples", None)

    @task
    def count(self):
        self.command("INCR", "visits")
