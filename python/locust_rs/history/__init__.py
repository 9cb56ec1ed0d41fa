"""Kept runs: a file of finished tests, their comparison, and the gate against an earlier one."""
