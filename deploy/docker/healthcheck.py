#!/opt/venv/bin/python -IS
"""The image's health check: a web UI that listens has to answer. Exit code 0 is healthy, 1 is not.

Workers and headless runs have no web UI; they are healthy as long as their container runs. The port is the one that the
container's first process was told, by option or by variable. Nothing is imported that takes time to load: the check
runs beside a load generator.
"""

import contextlib
import os
import re
import socket
import sys

PATIENCE_S = 5
DEFAULT_PORT = 8089
LISTENING = "0A"
ANY = {"0.0.0.0": "127.0.0.1", "::": "::1"}


def first_process(file):
    """The strings in `/proc/1/<file>`; none if it belongs to another user, as with `docker run --pid host`."""
    with contextlib.suppress(OSError), open(f"/proc/1/{file}", errors="replace") as strings:
        return strings.read().split("\0")
    return []


def web_port():
    """The port of the web UI, if there is to be one: the last option wins, and any option over the variable."""
    told = re.findall(r"\0(?:--web-port[=\0]|-P[=\0]?)(\d+)(?=\0)", "\0".join(["", *first_process("cmdline")]))
    variable = dict(line.partition("=")[::2] for line in first_process("environ")).get("LOCUST_WEB_PORT", "")
    return int([DEFAULT_PORT, *filter(str.isdigit, [variable]), *told][-1])


def listener(port):
    """The address on which something listens on a port, or None."""
    for file, family in (("/proc/net/tcp", socket.AF_INET), ("/proc/net/tcp6", socket.AF_INET6)):
        with contextlib.suppress(OSError), open(file) as table:
            for row in [line.split() for line in table][1:]:
                address, listens_on = row[1].split(":")
                if row[3] == LISTENING and int(listens_on, 16) == port:
                    return address_of(address, family)
    return None


def address_of(digits, family):
    """An address as the kernel prints it, in words of the host's byte order, to one that `connect` takes."""
    words = [int(digits[at : at + 8], 16).to_bytes(4, sys.byteorder) for at in range(0, len(digits), 8)]
    address = socket.inet_ntop(family, b"".join(words))
    return ANY.get(address, address)


def answers(address, port):
    """Whether the web UI says anything but that it failed; a redirect to a login is an answer."""
    for wrap in (contextlib.nullcontext, tls):
        try:
            with wrap(socket.create_connection((address, port), PATIENCE_S)) as connection:
                host = f"[{address}]" if ":" in address else address
                connection.sendall(f"GET / HTTP/1.0\r\nHost: {host}:{port}\r\n\r\n".encode())
                if status := re.match(rb"HTTP/1\.\d (\d)", connection.recv(64)):
                    return status[1] in b"1234"
        except TimeoutError:
            return False
        except OSError:
            continue
    return False


def tls(connection):
    """The connection under TLS, whoever the certificate is for."""
    import ssl

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context.wrap_socket(connection)


def main():
    """Prints why, if the web UI does not answer; Docker shows that in `docker inspect`."""
    port = web_port()
    address = listener(port)
    if address is None or answers(address, port):
        return 0
    print(f"the web UI on {address}:{port} does not answer")
    return 1


if __name__ == "__main__":
    os.chdir("/")
    sys.exit(main())
