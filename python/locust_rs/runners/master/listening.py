"""Reads the messages of all workers, one after the other, and lets the master's other greenlets run in between."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

import gevent

from locust_rs._tunables import runners as tunables
from locust_rs.exception import RPCError, RPCReceiveError
from locust_rs.rpc import Message
from locust_rs.runners.distributed import shown

if TYPE_CHECKING:
    from locust_rs.runners.master import MasterRunner

logger = logging.getLogger("locust.runners")

LONGEST_TURN_S = 0.02
"""For how long messages that wait may keep the ramp, the web UI and the watch over the workers from running."""


def listen(master: MasterRunner) -> None:
    """Handles each message; never returns before the master quits. Invalid messages are dropped and counted."""
    turn_ends = time.monotonic() + LONGEST_TURN_S
    while True:
        try:
            client_id, msg = master.server.recv_from_client()
        except RPCReceiveError as error:
            master.refusals.note("malformed", f"{error} (from {shown(error.addr)})")
            continue
        except RPCError as error:
            if master.is_quitting:
                return
            logger.error(f"RPCError: {error}. Will reset RPC server")
            master.connection_broken = True
            gevent.sleep(tunables.FALLBACK_INTERVAL)
            continue
        _handle(master, client_id, msg)
        if time.monotonic() > turn_ends:
            gevent.sleep(0)
            turn_ends = time.monotonic() + LONGEST_TURN_S


def _handle(master: MasterRunner, client_id: str, msg: Message) -> None:
    try:
        master.handle_message(client_id, msg)
    except Exception as error:
        logger.debug("A message could not be handled", exc_info=True)
        master.refusals.note(
            f"unusable {msg.type[:40]}",
            f"A {shown(msg.type)} message from {shown(client_id)} was dropped: {error!r}",
        )
    master.check_stopped()
