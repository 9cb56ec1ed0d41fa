import locust.stats
locust.stats.CSV_STATS_INTERVAL_SEC = 5 # default is 1 second
