"""The states of a user, which its own greenlet and those that stop it set."""

LOCUST_STATE_RUNNING = "running"
LOCUST_STATE_WAITING = "waiting"
LOCUST_STATE_STOPPING = "stopping"
WAIT_ENDS = "wait ends"
"""The User is being stopped during a wait, which may be over before the stop takes effect."""
