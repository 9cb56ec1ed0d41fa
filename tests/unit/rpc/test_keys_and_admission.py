"""Key files, allow-lists, and real connections that they admit or refuse."""

from __future__ import annotations

import ipaddress
import json
import stat

import gevent
import pytest

from locust_rs.rpc import Message
from locust_rs.rpc.admission import Admission, parse_networks
from locust_rs.rpc.keys import make_keys, read_keys
from locust_rs.rpc.zmqrpc import Client, Server


@pytest.fixture
def key_files(tmp_path):
    return make_keys(tmp_path / "keys")


def arrives(server, client):
    """Whether a message of `client` reaches `server`."""
    client.send(Message("hello", 1, "worker"))
    with gevent.Timeout(3, False):
        identity, message = server.recv_from_client()
        return (identity, message.type) == ("worker", "hello")
    return False


@pytest.fixture
def connection():
    opened = []

    def connect(admission, keys=None):
        server = Server("127.0.0.1", 0, admission)
        client = Client("127.0.0.1", server.port, "worker", keys)
        opened.extend([server, client])
        return server, client

    yield connect
    for socket in opened:
        socket.close(linger=0)


def test_keys_are_written_for_their_owner_only(key_files):
    for path in key_files:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert read_keys(key_files[0]).admitted == {read_keys(key_files[1]).public}


def test_existing_keys_are_not_overwritten(tmp_path, key_files):
    with pytest.raises(FileExistsError, match="remove it first"):
        make_keys(tmp_path / "keys")


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", json.dumps({"public": "x", "secret": "y", "master": "z"})], ids=range(4)
)
def test_damaged_key_files_say_what_to_do(tmp_path, content):
    path = tmp_path / "damaged.key"
    path.write_text(content)
    with pytest.raises(ValueError, match="locust-rs keys"):
        read_keys(path)


def test_matching_keys_connect(connection, key_files):
    master, worker = map(read_keys, key_files)
    assert arrives(*connection(Admission(keys=master), worker))


def test_plain_peers_are_refused_once_there_are_keys(connection, key_files):
    assert not arrives(*connection(Admission(keys=read_keys(key_files[0]))))


def test_foreign_keys_are_refused(connection, key_files, tmp_path):
    other = make_keys(tmp_path / "other")
    stranger = json.loads(other[1].read_text())
    stranger["master"] = json.loads(key_files[1].read_text())["master"]
    other[1].write_text(json.dumps(stranger))
    admission = Admission(keys=read_keys(key_files[0]))
    assert not arrives(*connection(admission, read_keys(other[1])))
    assert admission.refused >= 1


def test_swapped_key_files_are_noticed(connection, key_files):
    with pytest.raises(ValueError, match="give the master the other one"):
        connection(Admission(keys=read_keys(key_files[1])))
    with pytest.raises(ValueError, match="give workers the other one"):
        connection(None, read_keys(key_files[0]))


@pytest.mark.parametrize(("networks", "admitted"), [("127.0.0.0/8", True), ("10.0.0.0/8, ::1", False)])
def test_the_allow_list_decides_by_address(connection, networks, admitted):
    assert arrives(*connection(Admission(parse_networks(networks)))) is admitted


@pytest.mark.parametrize("text", ["10.0.0.0/8,127.0.0.1", ["10.0.0.0/8", "127.0.0.1"], "10.0.0.0/8 127.0.0.1"])
def test_allow_lists_are_read_from_text_and_lists(text):
    assert parse_networks(text) == [ipaddress.ip_network("10.0.0.0/8"), ipaddress.ip_network("127.0.0.1/32")]


def test_a_name_in_an_allow_list_is_refused():
    with pytest.raises(ValueError, match="'localhost' is not an IP address"):
        parse_networks("localhost")


def test_without_restrictions_everybody_is_admitted(connection):
    assert parse_networks(None) == []
    assert arrives(*connection(Admission()))
