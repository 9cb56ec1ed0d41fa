import locust.stats
locust.stats.CONSOLE_STATS_INTERVAL_SEC = 15
