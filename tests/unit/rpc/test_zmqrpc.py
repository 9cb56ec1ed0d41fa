"""The sockets, with both ends in one process."""

import gevent
import pytest
import zmq

from locust_rs.rpc import zmqrpc
from locust_rs.rpc.protocol import Message

ROUNDS = 300


@pytest.fixture
def ends():
    server = zmqrpc.Server("127.0.0.1", 0)
    client = zmqrpc.Client("127.0.0.1", server.port, "w")
    client.send(Message("client_ready", None, "w"))
    server.recv_from_client()
    yield server, client
    client.close(linger=0)
    server.close(linger=0)


def test_what_comes_in_while_a_master_sends_is_noticed_at_once(ends):
    server, client = ends
    received = []

    def receive():
        while len(received) < ROUNDS:
            received.append(server.recv_from_client()[1].data)

    def answer():
        for _ in range(ROUNDS):
            client.send(Message("answer", client.recv().data, "w"))

    receiver = gevent.spawn(receive)
    answerer = gevent.spawn(answer)
    for number in range(ROUNDS):
        server.send_to_client(Message("order", number, "w"))
        gevent.sleep(0 if number % 3 else 0.001)
    # A lost read event would delay the message by more than ten seconds.
    gevent.joinall([receiver, answerer], timeout=8, raise_error=True)
    assert received == list(range(ROUNDS))


def test_a_message_that_cannot_be_packed_leaves_the_socket_usable(ends):
    server, client = ends
    with pytest.raises(TypeError, match="can not serialize"):
        zmqrpc.Server.send_to_client.__wrapped__(server, Message("order", object(), "w"))
    server.send_to_client(Message("order", 1, "w"))
    assert client.recv().data == 1


def test_closing_right_after_sending_is_fine(ends):
    server, _ = ends
    server.send_to_client(Message("quit", None, "w"))
    server.close(linger=0)
    gevent.sleep(0)


def test_thousands_of_workers_may_connect_at_the_same_moment(ends):
    server, _ = ends
    # ZeroMQ's own 100 make a system drop the others, which try again only after a second, and then after longer.
    assert server.socket.get(zmq.BACKLOG) >= 4096
