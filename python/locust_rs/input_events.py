"""Reads single keys from the terminal in which Locust was started. Public module `locust.input_events`."""

from __future__ import annotations

import collections
import logging
import os
import sys
from collections.abc import Callable
from typing import Any

import gevent

POLL_INTERVAL_S = 0.2


class InitError(Exception):
    """There is no terminal from which to read keys."""


class UnixKeyPoller:
    """Switches the terminal to reading single keys; `cleanup` switches it back.

    Raises:
        InitError: Standard input is not a terminal.
    """

    def __init__(self) -> None:
        if not sys.stdin or not sys.stdin.isatty():
            raise InitError("Terminal was not a tty. Keyboard input disabled")
        import termios
        import tty

        self._descriptor = sys.stdin.fileno()
        self._before: Any = termios.tcgetattr(self._descriptor)
        # Turns off echo and line buffering; Ctrl-C still sends a signal.
        tty.setcbreak(self._descriptor)

    def cleanup(self) -> None:
        """Restores the terminal."""
        import termios

        termios.tcsetattr(self._descriptor, termios.TCSADRAIN, self._before)

    def poll(self) -> str | None:
        """The next key pressed, or None. Never waits."""
        from select import select

        if not select([self._descriptor], [], [], 0)[0]:
            return None
        return os.read(self._descriptor, 1).decode("utf-8", "replace") or None


class WindowsKeyPoller:
    """Reads single keys from a Windows console.

    Raises:
        InitError: Standard input is not a console.
    """

    def __init__(self) -> None:
        if not sys.stdin or not sys.stdin.isatty():
            raise InitError("Terminal was not a tty. Keyboard input disabled")
        self._waiting: collections.deque[str] = collections.deque()

    def cleanup(self) -> None:
        """Does nothing, because the console was not changed."""

    def poll(self) -> str | None:
        """The next key pressed, or None. Never waits."""
        import msvcrt

        while msvcrt.kbhit():  # type: ignore[attr-defined]  # Windows only
            self._waiting.append(msvcrt.getwch())  # type: ignore[attr-defined]  # Windows only
        return self._waiting.popleft() if self._waiting else None


def get_poller() -> UnixKeyPoller | WindowsKeyPoller:
    """The poller for this system.

    Raises:
        InitError: There is no terminal.
    """
    return WindowsKeyPoller() if os.name == "nt" else UnixKeyPoller()


def input_listener(key_to_func_map: dict[str, Callable[[], Any]]) -> Callable[[], None]:
    """Returns a function for a greenlet that calls the function of each key pressed, until it is killed."""

    def listen() -> None:
        try:
            poller = get_poller()
        except InitError as error:
            logging.debug(error)
            return
        try:
            while True:
                pressed = poller.poll()
                if pressed is None:
                    gevent.sleep(POLL_INTERVAL_S)
                elif pressed in key_to_func_map:
                    key_to_func_map[pressed]()
        finally:
            poller.cleanup()

    return listen
