"""What `locust.web` lets users change, and the limits of its inputs."""

DEFAULT_CACHE_TIME: float = 2.0
"""Seconds for which an answer of `/stats/requests` is cached."""

HOST_IS_REQUIRED: bool = False
"""Whether the start form requires a host."""

UPDATES_CACHE_TIME: float = 0.5
"""Seconds within which every page that polls `/stats/updates` gets the same comparison."""

MAX_BODY_BYTES: int = 1_000_000
"""Largest body of a request to Locust's own routes."""

MAX_USER_COUNT: int = 10_000_000
MAX_SPAWN_RATE: float = 10_000_000
MAX_RUN_TIME_S: int = 10 * 365 * 86_400

MAX_ROWS_IN_STATS_REQUESTS: int = 500
"""Limit of endpoints, and of errors, in `/stats/requests`; `/stats/updates` has all of them."""

ENDPOINT_HISTORY_ENDPOINTS: int = 1_000
"""Endpoints whose charts over time are kept."""

ENDPOINT_HISTORY_POINTS: int = 240
"""Points per endpoint; beyond this number every second point of the older half is dropped."""

FAILED_LOGIN_DELAY_S: float = 0.3
"""How long the answer to a wrong name or password is delayed."""
