"""A message between nodes: `[type, data, node_id]`, packed with msgpack."""

from __future__ import annotations

import datetime
import functools
from typing import Any

import msgpack

from locust_rs._core import open_envelope
from locust_rs.exception import RPCReceiveError
from locust_rs.rpc import limits

LOCUST_RS_PEER = "locust-rs"
"""Value of the key `peer` by which locust-rs nodes recognize each other; stock nodes ignore the key."""

_DATETIME_FORMAT = "%Y%m%dT%H:%M:%S.%f"

try:
    from bson import ObjectId
except ImportError:

    class ObjectId:  # type: ignore[no-redef]
        """Replaces bson's class if that is not installed; holds the id as text."""

        def __init__(self, s: str) -> None:
            self.s = s

        def __str__(self) -> str:
            return self.s


_UNDECODED: Any = object()

_SMALL_MAP = 0x80
"""The first byte of a small map, to which the number of pairs is added (at most `_MOST_PAIRS`)."""

_MOST_PAIRS = 15


class Message:
    """One message. `data` is decoded when it is read for the first time.

    Args:
        message_type: Its type, for example "stats", or a custom one.
        data: Anything that msgpack can pack, datetimes and ObjectIds included.
        node_id: The worker that it comes from or goes to.
    """

    __slots__ = ("_data", "_end", "_start", "frame", "node_id", "type")

    def __init__(self, message_type: str, data: Any, node_id: str | None) -> None:
        self.type = message_type
        self.node_id = node_id
        self.frame: bytes | None = None
        """The whole message, as received or as packed natively; None if it was created from its parts."""
        self._data: Any = data
        self._start = self._end = 0

    @property
    def data(self) -> Any:
        """The content of the message.

        Raises:
            RPCReceiveError: Strings or dates in it are malformed.
        """
        if self._data is _UNDECODED:
            assert self.frame is not None
            self._data = _unpack(self.frame[self._start : self._end])
        return self._data

    @data.setter
    def data(self, value: Any) -> None:
        self.frame = None
        self._data = value

    def serialize(self) -> bytes:
        """The bytes to send.

        Raises:
            TypeError: `data` contains something that msgpack cannot pack.
        """
        if self.frame is not None:
            return self.frame
        return b"\x93" + pack(self.type) + pack(self._data) + pack(self.node_id)

    @classmethod
    def unserialize(cls, data: bytes) -> Message:
        """Reads a message; its size and nesting are checked before any object is created.

        Raises:
            RPCReceiveError: `data` is not a message, or exceeds `rpc.limits`.
        """
        try:
            message_type, start, end, node_id = open_envelope(data, limits.MAX_ELEMENTS)
        except ValueError as error:
            raise RPCReceiveError(f"A message of {len(data)} bytes was refused: {error}") from error
        message = cls(message_type, _UNDECODED, node_id)
        message.frame, message._start, message._end = data, start, end
        return message

    @classmethod
    def of_frame(cls, message_type: str, frame: bytes, node_id: str) -> Message:
        """A message that is packed already and is sent unchanged."""
        message = cls(message_type, _UNDECODED, node_id)
        message.frame, message._start, message._end = frame, 0, 0
        return message

    @classmethod
    def of_data(cls, message_type: str, packed: bytes, node_id: str) -> Message:
        """A message whose data is packed already."""
        message = cls(message_type, _UNDECODED, node_id)
        head = _head(message_type)
        message.frame = head + packed + pack(node_id)
        message._start, message._end = len(head), len(head) + len(packed)
        return message


def encode(obj: Any) -> Any:
    """Converts datetimes and ObjectIds for msgpack, which raises TypeError for other types that it does not support."""
    if isinstance(obj, datetime.datetime):
        return {"__datetime__": True, "as_str": obj.strftime(_DATETIME_FORMAT)}
    if isinstance(obj, ObjectId):
        return {"__ObjectId__": True, "as_str": str(obj)}
    return obj


def decode(obj: dict[Any, Any]) -> Any:
    """The inverse of `encode`, for each map of a message."""
    if "__datetime__" in obj:
        return datetime.datetime.strptime(obj["as_str"], _DATETIME_FORMAT)
    if "__ObjectId__" in obj:
        return ObjectId(obj["as_str"])
    return obj


def pack(value: Any) -> bytes:
    """Packs a value as a part of a message.

    Raises:
        TypeError: It contains something that msgpack cannot pack.
    """
    packed: bytes = msgpack.packb(value, default=encode)
    return packed


def join_maps(first: bytes, second: bytes) -> bytes:
    """Joins two packed maps, so that what many messages share is packed once.

    Args:
        first: A packed map.
        second: Another one with other keys; together they have at most 15 pairs.

    Raises:
        ValueError: There are more pairs.
    """
    # A longer map has a larger first byte, so it is refused too.
    pairs = first[0] + second[0] - 2 * _SMALL_MAP
    if pairs > _MOST_PAIRS:
        raise ValueError(f"Maps are joined only if they have at most {_MOST_PAIRS} pairs together")
    return b"%c%b%b" % (_SMALL_MAP + pairs, first[1:], second[1:])


@functools.lru_cache(maxsize=32)
def _head(message_type: str) -> bytes:
    """The packed bytes before the data of a message."""
    return b"\x93" + pack(message_type)


def _unpack(packed: bytes) -> Any:
    try:
        return msgpack.unpackb(packed, object_hook=decode, strict_map_key=False, raw=False)
    except (ValueError, TypeError, KeyError, msgpack.UnpackException) as error:
        raise RPCReceiveError(f"The data of a message was refused: {error}") from error
