"""gevent's monkey patching, done by the first import of the package.

`LOCUST_SKIP_MONKEY_PATCH` leaves the standard library alone, for programs that patch it themselves.
"""

import os


def patch_standard_library() -> None:
    """Makes the standard library cooperative, unless the user asked not to."""
    if os.getenv("LOCUST_SKIP_MONKEY_PATCH"):
        return
    from gevent import monkey

    monkey.patch_all()
