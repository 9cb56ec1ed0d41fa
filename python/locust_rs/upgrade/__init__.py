"""`locust-rs upgrade`: rewrites old locustfiles to today's API with LibCST, which preserves the layout."""
