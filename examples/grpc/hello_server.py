"""The service that locustfile.py tests: `python hello_server.py [PORT]`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc

# Compiles hello.proto, which lies beside this file, with grpcio-tools.
messages, services = grpc.protos_and_services("hello.proto")


class Greeter(services.GreeterServicer):
    def Hello(self, name: Any, context: grpc.ServicerContext) -> Any:
        if not name.text:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, "greet whom?")
        return messages.Greeting(text=f"Hello, {name.text}!")

    def HelloInParts(self, name: Any, context: grpc.ServicerContext) -> Iterator[Any]:
        for part in ("Hello", ", ", name.text, "!"):
            yield messages.Greeting(text=part)

    def HelloToAll(self, names: Iterator[Any], context: grpc.ServicerContext) -> Any:
        return messages.Greeting(text=f"Hello, {' and '.join(name.text for name in names)}!")

    def Chat(self, names: Iterator[Any], context: grpc.ServicerContext) -> Iterator[Any]:
        for name in names:
            yield self.Hello(name, context)


def serve(greeter: Greeter, port: int) -> None:
    server = grpc.server(ThreadPoolExecutor(max_workers=100))
    services.add_GreeterServicer_to_server(greeter, server)
    server.add_insecure_port(f"127.0.0.1:{port}")
    server.start()
    server.wait_for_termination()


if __name__ == "__main__":
    serve(Greeter(), int(sys.argv[1]) if len(sys.argv) > 1 else 50051)
