"""The sample service and its load test, run by `locust-rs demo`.

- `http_server`: a minimal HTTP/1.1 server, fast enough not to be the bottleneck.
- `shop`: the service itself, a shop with login, catalogue, search and cart.
- `service`: the process that serves it.
- `locustfile`: the load test.
- `command`: `locust-rs demo`, which runs everything and compares the counts of both sides.
"""
