"""Tests the service of hello_server.py. Needs grpcio and grpcio-tools."""

import grpc
from grpc_user import GrpcUser

from locust import between, task

messages, services = grpc.protos_and_services("hello.proto")


class Guest(GrpcUser):
    host = "127.0.0.1:50051"
    stub_class = services.GreeterStub
    wait_time = between(0.1, 0.5)

    @task
    def one_answer(self):
        self.stub.Hello(messages.Name(text="Ada"))

    @task
    def an_answer_in_parts(self):
        for part in self.stub.HelloInParts(messages.Name(text="Ada")):
            assert part.text

    @task
    def a_question_in_parts(self):
        self.stub.HelloToAll(messages.Name(text=name) for name in ("Ada", "Grace"))

    @task
    def a_conversation(self):
        for answer in self.stub.Chat(messages.Name(text=name) for name in ("Ada", "Grace")):
            assert answer.text.startswith("Hello")
