"""Reads a Dockerfile as far as the project's own uses the language."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
DOCKERFILE = ROOT / "deploy" / "docker" / "Dockerfile"


@dataclass(frozen=True)
class Instruction:
    """`COPY --from=wheel /a /b` is the word COPY, the flags `{"from": "wheel"}` and the text `/a /b`."""

    word: str
    flags: dict[str, str]
    text: str


@dataclass
class Stage:
    """A `FROM`, and what follows it."""

    base: str
    name: str
    instructions: list[Instruction] = field(default_factory=list)

    def of(self, word: str) -> list[Instruction]:
        """All instructions of a kind, in order."""
        return [instruction for instruction in self.instructions if instruction.word == word]

    def last(self, word: str) -> str:
        """The text of the last instruction of a kind, which is the one that holds."""
        return self.of(word)[-1].text

    def command(self, word: str) -> list[str]:
        """The JSON form of an ENTRYPOINT, CMD or HEALTHCHECK CMD."""
        return list(json.loads(self.last(word).removeprefix("CMD ")))

    def environment(self) -> dict[str, str]:
        """The variables of all `ENV`; a value may name variables of the base image, which has a PATH."""
        variables = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
        for instruction in self.of("ENV"):
            for pair in shlex.split(instruction.text):
                name, _, value = pair.partition("=")
                variables[name] = re.sub(r"\$(\w+)", lambda named: variables.get(named[1], ""), value)
        return variables


def stages(text: str) -> list[Stage]:
    """The stages of a Dockerfile in order; the last one is the image."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    found: list[Stage] = []
    for line in re.sub(r"\\\n\s*", "", "\n".join(lines)).splitlines():
        if not line.strip():
            continue
        word, _, rest = line.partition(" ")
        flags = {}
        while flag := re.match(r"--([\w-]+)=(\S+)\s+", rest):
            flags[flag[1]] = flag[2]
            rest = rest[flag.end() :]
        if word == "FROM":
            base, _, name = rest.partition(" AS ")
            found.append(Stage(base, name))
        else:
            found[-1].instructions.append(Instruction(word, flags, rest.strip()))
    return found
