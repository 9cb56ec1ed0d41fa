"""Libraries for WebSockets under gevent: memory of a connection and CPU time of a round trip.

python benches/websocket.py [--repeats 5] [--connections 1000]
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parent))

from harness import OUR_PYTHON, ROOT, machine, progress, run_json, table

CASES = ROOT / "benches" / "websocket_cases"
LIBRARIES = ["websocket_client", "wsproto", "websockets"]
FIGURES = ["memory of a connection, KiB", "connecting, CPU µs", "200 bytes of text and back, CPU µs", "64 KiB and back"]


def measured(library: str, deflate: list[str], connections: int, repeats: int) -> list[str]:
    """The medians of all figures; each client checks that the answers are what it sent."""
    with subprocess.Popen(
        [OUR_PYTHON, CASES / "server.py", *deflate], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as server:
        assert server.stdout is not None
        port = server.stdout.readline().strip()
        try:
            runs = [
                run_json(OUR_PYTHON, CASES / "client.py", library, port, str(connections), *deflate)
                for _ in range(repeats)
            ]
        finally:
            server.kill()
    return [f"{median(values):.0f}" for values in zip(*runs, strict=True)] if runs[0] else ["–"] * len(FIGURES)


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--connections", type=int, default=1000)
    arguments = parser.parse_args()
    print("\n".join(machine()))
    for deflate in ([], ["deflate"]):
        columns = []
        for library in LIBRARIES:
            progress(" ".join([library, *deflate]))
            columns.append(measured(library, deflate, arguments.connections, arguments.repeats))
        print()
        title = "with permessage-deflate" if deflate else "without permessage-deflate"
        print(table([title, *LIBRARIES], [list(row) for row in zip(FIGURES, *columns, strict=True)]))


if __name__ == "__main__":
    main()
