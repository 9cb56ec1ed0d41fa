"""A User for any gRPC service. Its interceptor reports every call, unary or streaming, as one request."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import grpc
import grpc.experimental.gevent as grpc_gevent

from locust import User

# gRPC does its input and output in C: without this a waiting call would stop all users.
grpc_gevent.init_gevent()


class ReportingInterceptor(
    grpc.UnaryUnaryClientInterceptor,
    grpc.UnaryStreamClientInterceptor,
    grpc.StreamUnaryClientInterceptor,
    grpc.StreamStreamClientInterceptor,
):
    def __init__(self, user: User) -> None:
        self.user = user

    def intercept_unary_unary(self, continuation: Any, details: Any, request: Any) -> Any:
        call = Call(self.user, details)
        answer = continuation(details, request)
        # `exception` waits until the call is over.
        failure = answer.exception()
        call.report(0 if failure else answer.result().ByteSize(), failure)
        return answer

    def intercept_stream_unary(self, continuation: Any, details: Any, requests: Any) -> Any:
        return self.intercept_unary_unary(continuation, details, requests)

    def intercept_unary_stream(self, continuation: Any, details: Any, request: Any) -> Any:
        call = Call(self.user, details)
        return call.read(continuation(details, request))

    def intercept_stream_stream(self, continuation: Any, details: Any, requests: Any) -> Any:
        return self.intercept_unary_stream(continuation, details, requests)


class Call:
    """One call: a stream lasts until its last message, and its length is that of all messages together."""

    def __init__(self, user: User, details: Any) -> None:
        self.user = user
        self.name = details.method
        self.start_time = time.time()
        self.started = time.perf_counter()

    def read(self, answers: Any) -> Iterator[Any]:
        length_bytes = 0
        try:
            for answer in answers:
                length_bytes += answer.ByteSize()
                yield answer
        except grpc.RpcError as failure:
            self.report(length_bytes, failure)
            raise
        except GeneratorExit:
            # The reader has seen enough.
            answers.cancel()
            self.report(length_bytes, None)
            raise
        else:
            self.report(length_bytes, None)

    def report(self, length_bytes: int, failure: Exception | None) -> None:
        self.user.environment.events.request.fire(
            request_type="grpc",
            name=self.name,
            response_time=(time.perf_counter() - self.started) * 1000,
            response_length=length_bytes,
            exception=failure,
            context=self.user.context(),
            start_time=self.start_time,
        )


class GrpcUser(User):
    """Set `host` and `stub_class`, and call the service's methods on `stub`."""

    abstract = True
    stub_class: type

    def __init__(self, environment: Any) -> None:
        super().__init__(environment)
        self.channel = grpc.insecure_channel(self.host)
        self.stub = self.stub_class(grpc.intercept_channel(self.channel, ReportingInterceptor(self)))

    def on_stop(self) -> None:
        self.channel.close()
