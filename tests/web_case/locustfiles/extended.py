"""What docs/web-ui.md shows of extending the page."""

from pathlib import Path

from locust import User, constant, task

guide = (Path(__file__).resolve().parents[3] / "docs" / "web-ui.md").read_text()
# The guide's own code runs here, so that it can't grow stale.
exec(guide.split("```python\n")[1].split("```")[0])


class Idle(User):
    wait_time = constant(1)

    @task
    def nothing(self):
        pass
