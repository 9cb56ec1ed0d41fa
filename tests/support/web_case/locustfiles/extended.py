"""The example in docs/web-ui.md that extends the page."""

from pathlib import Path

from locust import User, constant, task

guide = (Path(__file__).resolve().parents[4] / "docs" / "web-ui.md").read_text()
# Runs the code of the guide itself, so that it cannot become outdated.
exec(guide.split("```python\n")[1].split("```")[0])


class Idle(User):
    wait_time = constant(1)

    @task
    def nothing(self):
        pass
