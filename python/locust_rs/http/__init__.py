"""The HTTP clients: `requests` serves `HttpUser`, `fast` serves `FastHttpUser`.

Both stand on `engine`, which sends requests in Rust, and on `common`, which holds the rules that they share; neither
imports the other. Users find the public names in `locust.clients` and `locust.contrib.fasthttp`.
"""
