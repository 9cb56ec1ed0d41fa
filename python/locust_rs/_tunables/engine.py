"""Constants of the HTTP engine that tests and users may overwrite."""

RESOLVED_NAME_CACHE_SEC = 1.0
"""How long the addresses of a host are cached: a burst of new connections asks the resolver once, and a load balancer
that changes its addresses is still followed."""
