"""The sample service and its load test, run by `locust-rs demo`.

- `http_server`: just enough HTTP/1.1 to outrun a load generator on one core.
- `shop`: the service itself, a shop with login, catalogue, search and cart.
- `service`: the process that serves it.
- `locustfile`: the load test.
- `command`: `locust-rs demo`, which runs all of it and compares the counts of both sides.
"""
