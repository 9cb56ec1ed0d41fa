"""`locust-rs upgrade`: rewrites locustfiles of earlier eras to today's API, with LibCST, which keeps the layout."""
