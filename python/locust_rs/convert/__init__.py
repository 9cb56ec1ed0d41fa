"""`locust-rs convert`: locustfiles out of recordings and descriptions of HTTP interfaces.

- `readers`: one file per format; each makes journeys (`model`) out of a text, or raises a `SourceError` with the
  position of what is wrong.
- `passes`: what turns a recording into a test, one idea per file: redirects, cookies, headers, correlation, secrets,
  hosts, names, steps.
- `writer`: readable Python, laid out as `ruff format` does it.
- `values`: what stands in texts for something that is known at run time only.
- `conversion`: the way from texts to a locustfile.
"""
