"""Arrivals: an open model, in which users come at times that do not depend on how fast the target answers.

`profile` and `schedule` say when they come, `feed` hands the times out to this node or to workers, `driver` starts the
users on each node, and `counts` says what became of the arrivals.
"""
