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

REQUEST_GRACE: float = 1.0
"""Without a stop timeout: how long a user that is being stopped may wait for the response to its last request."""

MASTER_LOSS_TIMEOUT: float = 10.0
"""After this long without its master a worker stops its users, which must not generate load uncontrolled."""

RECONNECT_TIMEOUT: float = 3600.0
"""After this long without its master a worker gives up; until then it rejoins as soon as the master is back."""

LAST_REPORT_TIMEOUT: float = 3.5
"""How long a master waits for the last reports of its workers, in addition to the stop timeout."""
