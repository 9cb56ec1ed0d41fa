"""`-n`: ends a headless run once so many requests were made."""

from __future__ import annotations

from typing import Any

import gevent

from locust_rs.event import Events


def limit_requests(events: Events) -> None:
    """Watches the runs of these events for the option `num_requests`."""

    def on_init(environment: Any, runner: Any, **kwargs: Any) -> None:
        options = environment.parsed_options
        most = getattr(options, "num_requests", None)
        if most is None or not options.headless or options.worker:
            return
        ending: list[Any] = []

        def look(**kwargs: Any) -> None:
            if not ending and environment.stats.total.num_requests >= most:
                # In a greenlet of its own: the one that made the request is among those that are stopped.
                ending.append(gevent.spawn(runner.quit))

        # The statistics listen as well, and were there first.
        (events.worker_report if options.master else events.request).add_listener(look)

    events.init.add_listener(on_init)
