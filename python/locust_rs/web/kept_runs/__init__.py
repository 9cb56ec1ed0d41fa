"""Kept runs in the page: the list, one run as the report shows it, its course, differences of two."""
