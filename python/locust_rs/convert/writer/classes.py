"""Writes a journey as a User class."""

from __future__ import annotations

from locust_rs.convert.identifiers import free_name, snake_name
from locust_rs.convert.literals import quoted
from locust_rs.convert.model import Journey, Step
from locust_rs.convert.values import Values
from locust_rs.convert.writer.expressions import Expressions
from locust_rs.convert.writer.layout import Group, assignment, lay_out
from locust_rs.convert.writer.requests import RequestWriter, comment

_USUAL_WAIT_S = (1.0, 5.0)
"""Pauses of people for whom nothing else is known."""


class ClassWriter:
    """Writes the classes of one locustfile; `from_locust` collects the names that they need."""

    def __init__(self, values: Values, expressions: Expressions) -> None:
        self._values = values
        self._expressions = expressions
        self.requests = RequestWriter(values, expressions)
        self.from_locust: set[str] = {"task", "run_single_user"}

    def lines(self, journey: Journey, name: str) -> list[str]:
        """The lines of a journey's class."""
        names = self._name_attributes(journey)
        base = "HttpUser" if journey.needs_requests else "FastHttpUser"
        self.from_locust.add(base)
        lines = [f"class {name}({base}):"]
        lines += [line for note in journey.notes for line in comment(note, 4)]
        lines += self._settings(journey)
        lines += self._on_start(journey)
        if journey.ordered and len(journey.steps) > 1:
            self.from_locust.add("SequentialTaskSet")
            lines += ["", "    @task", "    class Steps(SequentialTaskSet):"]
            return lines + self._tasks(journey.steps, names, 8)[1:]
        return lines + self._tasks(journey.steps, names, 4)

    def _name_attributes(self, journey: Journey) -> set[str]:
        """Gives the captured values attributes of the user; returns the names that are taken."""
        names: set[str] = set()
        for capture in journey.captures():
            value = self._values.value(capture.target)
            if not value.code:
                value.code = f"self.{free_name(snake_name(value.label) or 'value', names)}"
            names.add(value.code.removeprefix("self."))
        return names

    def _settings(self, journey: Journey) -> list[str]:
        lines = []
        if journey.host:
            lines += assignment("host", self._expressions.text(journey.host), 4)
        lines.append(f"    wait_time = {self._wait_time(journey)}")
        if journey.verify is False and not journey.needs_requests:
            lines.append("    insecure = True")
        if journey.shared_headers and not journey.needs_requests:
            lines += lay_out(self._expressions.pairs(journey.shared_headers), 4, "default_headers = ")
        return lines

    def _wait_time(self, journey: Journey) -> str:
        shortest, longest = journey.think_times_s or _USUAL_WAIT_S
        if shortest == longest:
            self.from_locust.add("constant")
            return f"constant({shortest:g})"
        self.from_locust.add("between")
        return f"between({shortest:g}, {longest:g})"

    def _on_start(self, journey: Journey) -> list[str]:
        if not journey.needs_requests:
            return []
        text = self._expressions.text
        lines = []
        if journey.verify is not True:
            verify = text(journey.verify) if isinstance(journey.verify, str) else "False"
            lines += assignment("self.client.verify", verify, 8)
        if journey.client_certificate:
            files = [quoted(file) for file in journey.client_certificate]
            code = files[0] if len(files) == 1 else f"({', '.join(files)})"
            lines += assignment("self.client.cert", code, 8)
        if journey.shared_headers:
            lines += lay_out(self._expressions.pairs(journey.shared_headers), 8, "self.client.headers.update(", ")")
        for name, value in journey.cookies.items():
            lines += lay_out(Group("self.client.cookies.set(", [("", text(name)), ("", text(value))], ")"), 8)
        return ["", "    def on_start(self):", *lines] if lines else []

    def _tasks(self, steps: list[Step], names: set[str], indent: int) -> list[str]:
        margin = " " * indent
        lines = []
        for step in steps:
            name = free_name(snake_name(step.title) or "step", names)
            lines += ["", f"{margin}@task", f"{margin}def {name}(self):"]
            for request in step.requests:
                lines += self.requests.lines(request, indent + 4)
        return lines
