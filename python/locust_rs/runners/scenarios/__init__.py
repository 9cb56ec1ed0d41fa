"""Scenarios of classes: each brings its own number of users over time, beside those of `-u`, `-r` and a shape.

`plan` says how many users are meant at which time, `timetable` follows it through a run, `local` and the master's
`scenarios` let the users run, and `spread` divides them among workers.
"""
