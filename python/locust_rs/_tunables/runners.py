"""What `locust.runners` lets users change. Times are in seconds."""

WORKER_REPORT_INTERVAL: float = 3.0
WORKER_LOG_REPORT_INTERVAL: float = 10
"""Negative: workers send no logs."""

CPU_MONITOR_INTERVAL: float = 10.0
CPU_WARNING_THRESHOLD: float = 90
HEARTBEAT_INTERVAL: float = 1
HEARTBEAT_LIVENESS: int = 3
"""Heartbeat intervals without a message after which a worker counts as missing."""

HEARTBEAT_DEAD_INTERNAL: int = -60
"""Liveness at which a missing worker is forgotten. (The name's spelling is Locust's.)"""

MASTER_HEARTBEAT_TIMEOUT: float = 60
FALLBACK_INTERVAL: float = 5
CONNECT_TIMEOUT: float = 5
CONNECT_RETRY_COUNT: int = 60
