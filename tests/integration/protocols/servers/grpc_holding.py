"""The example's gRPC service, where "hold" waits until others have been greeted: `python grpc_holding.py PORT`."""

from __future__ import annotations

import sys
import threading
from pathlib import Path
from typing import Any

import grpc

sys.path.insert(0, str(Path(__file__).resolve().parents[4] / "examples" / "grpc"))

import hello_server

OTHERS = 50
LONGEST_HOLD_S = 45


class Holding(hello_server.Greeter):
    """Says how many others were greeted meanwhile."""

    def __init__(self) -> None:
        self.greeted = 0
        self.changed = threading.Condition()

    def Hello(self, name: Any, context: grpc.ServicerContext) -> Any:
        with self.changed:
            if name.text == "hold":
                enough = self.greeted + OTHERS
                self.changed.wait_for(lambda: self.greeted >= enough, LONGEST_HOLD_S)
                return hello_server.messages.Greeting(text="held" if self.greeted >= enough else "alone")
            self.greeted += 1
            self.changed.notify_all()
        return super().Hello(name, context)


hello_server.serve(Holding(), int(sys.argv[1]))
