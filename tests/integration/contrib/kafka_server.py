"""The mock cluster of librdkafka as a server; writes its place to the file that it is told."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

from confluent_kafka import Producer

cluster = Producer({"test.mock.num.brokers": 1, "log_level": 0})
(broker,) = cluster.list_topics(timeout=60).brokers.values()
told = Path(sys.argv[1])
whole = told.with_suffix(".new")
whole.write_text(f"{broker.host}:{broker.port}")
whole.rename(told)
signal.pause()
