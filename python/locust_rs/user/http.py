"""HttpUser: a User with a `requests.Session` as its client."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from locust_rs.clients import HttpSession, RestResponseContextManager
from locust_rs.exception import StopTest
from locust_rs.user.base import User
from locust_rs.user.rest import RestMixin

if TYPE_CHECKING:
    from urllib3 import PoolManager


class HttpUser(User, RestMixin[RestResponseContextManager]):
    """A simulated user of a website or an HTTP API.

    Each instance has its own client, with its own cookies and connections.
    """

    abstract = True

    pool_manager: ClassVar[PoolManager | None] = None
    """Connection pools that all users of the class share; None gives each user its own."""

    http_engine: bool = True
    """False sends every request with requests; otherwise the engine sends those that it supports."""

    client: HttpSession
    """Makes the requests and reports them; keeps cookies, like the `requests.Session` that it is."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.host is None:
            raise StopTest(
                "You must specify the base host. Either in the host attribute in the User class, or on the "
                "command line using the --host option."
            )
        self.client = HttpSession(
            base_url=self.host,
            request_event=self.environment.events.request,
            user=self,
            pool_manager=self.pool_manager,
        )
        # Proxies of the environment must be enabled explicitly: looking them up costs time in every request.
        self.client.trust_env = False

    def _disconnect(self) -> None:
        client = getattr(self, "client", None)
        if isinstance(client, HttpSession) and self.pool_manager is None:
            client.close()
