"""`-n`: ends a headless run after a number of requests."""

from __future__ import annotations

from typing import Any

import gevent

from locust_rs.event import Events


def limit_requests(events: Events) -> None:
    """Ends runs that fire these events and have the option `num_requests`."""

    def on_init(environment: Any, runner: Any, **kwargs: Any) -> None:
        options = environment.parsed_options
        most = getattr(options, "num_requests", None)
        if most is None or not options.headless or options.worker:
            return
        ending: list[Any] = []

        def look(**kwargs: Any) -> None:
            if not ending and environment.stats.total.num_requests >= most:
                # A greenlet of its own, because `quit` stops the user that made the request.
                ending.append(gevent.spawn(runner.quit))

        # The statistics were registered first, so they include the request or report.
        (events.worker_report if options.master else events.request).add_listener(look)

    events.init.add_listener(on_init)
