"""Messages: the bytes of Locust's protocol, and invalid messages."""

from __future__ import annotations

import datetime

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from locust_rs.exception import RPCReceiveError
from locust_rs.rpc import Message, limits
from locust_rs.rpc.protocol import join_maps, pack

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False) | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text() | st.integers(0, 9), inner, max_size=4),
    max_leaves=20,
)


def test_the_bytes_are_locust_s():
    assert Message("client_ready", "2.46.4", "w").serialize() == b"\x93\xacclient_ready\xa62.46.4\xa1w"
    assert Message("heartbeat", None, "vm_1").serialize() == b"\x93\xa9heartbeat\xc0\xa4vm_1"


@given(data=VALUES)
def test_every_message_survives_the_wire(data):
    message = Message.unserialize(Message("custom", data, "node").serialize())
    assert (message.type, message.data, message.node_id) == ("custom", data, "node")


def test_datetimes_travel():
    moment = datetime.datetime(2024, 2, 29, 12, 30, 1, 5)
    packed = Message("custom", {"at": [moment]}, "node").serialize()
    assert msgpack.unpackb(packed)[1] == {"at": [{"__datetime__": True, "as_str": "20240229T12:30:01.000005"}]}
    assert Message.unserialize(packed).data == {"at": [moment]}


def test_a_finished_frame_is_sent_as_it_is():
    frame = msgpack.packb(["stats", {"a": 1}, "w"])
    assert Message.of_frame("stats", frame, "w").serialize() is frame


@given(
    own=st.dictionaries(st.text(max_size=5), VALUES, max_size=7),
    shared=st.dictionaries(st.integers(0, 99), VALUES, max_size=8),
)
def test_a_message_of_packed_parts_equals_one_that_is_packed_as_a_whole(own, shared):
    whole = Message("spawn", {**own, **shared}, "w")
    parts = Message.of_data("spawn", join_maps(pack(own), pack(shared)), "w")
    assert parts.serialize() == whole.serialize()
    assert parts.data == whole.data


@pytest.mark.parametrize("first", [8, 20])
def test_maps_that_need_a_longer_head_are_not_joined(first):
    with pytest.raises(ValueError, match="at most 15"):
        join_maps(pack(dict.fromkeys(range(first))), pack(dict.fromkeys("abcdefgh")))


def test_data_can_be_replaced_before_a_message_is_passed_on():
    message = Message.unserialize(Message("custom", 1, "w").serialize())
    message.data = 2
    assert Message.unserialize(message.serialize()).data == 2


@given(noise=st.binary(max_size=200))
def test_noise_is_a_message_or_refused(noise):
    try:
        message = Message.unserialize(noise)
        _ = message.data
    except RPCReceiveError:
        return
    assert isinstance(message.type, str)


@given(data=VALUES, cut=st.integers(1, 40))
def test_truncated_messages_are_refused(data, cut):
    packed = Message("custom", data, "node").serialize()
    with pytest.raises(RPCReceiveError):
        Message.unserialize(packed[: -min(cut, len(packed))])


def test_the_number_of_elements_is_limited(monkeypatch):
    packed = Message("custom", list(range(200)), "node").serialize()
    assert Message.unserialize(packed).data == list(range(200))
    monkeypatch.setattr(limits, "MAX_ELEMENTS", 100)
    with pytest.raises(RPCReceiveError, match="more than 100 elements"):
        Message.unserialize(packed)


def test_what_msgpack_cannot_carry_is_named():
    with pytest.raises(TypeError):
        Message("custom", object(), "node").serialize()
