"""`FastHttpUser`: a User whose `client` costs little."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from locust_rs.exception import StopTest
from locust_rs.http.fast.response import RestResponseContextManager
from locust_rs.http.fast.session import FastHttpSession
from locust_rs.user.base import User
from locust_rs.user.rest import RestMixin

if TYPE_CHECKING:
    from geventhttpclient.client import HTTPClientPool


class FastHttpUser(User, RestMixin[RestResponseContextManager]):
    """A User with a `client` that sends HTTP requests and keeps cookies between them.

    The same interface as `HttpUser`, at a fraction of the CPU time.
    """

    network_timeout: float = 60.0
    """Seconds that a server may stay silent."""

    connection_timeout: float = 60.0
    """Seconds that connecting may take."""

    max_redirects: int = 30
    """Redirects that one request follows at most."""

    max_retries: int = 0
    """How often a request is tried again that timed out or could not be sent."""

    insecure: bool = True
    """Any TLS certificate is accepted."""

    default_headers: dict | None = None  # type: ignore[type-arg]
    """Headers of every request."""

    concurrency: int = 10
    """Requests that the client makes at the same time at most (in greenlets that a task spawns)."""

    proxy_host: str | None = None
    proxy_port: int | None = None

    client_pool: HTTPClientPool | None = None
    """Connections for all users of the class (geventhttpclient's); None: each user has its own."""

    ssl_context_factory: Callable[..., Any] | None = None
    """Makes the TLS context (geventhttpclient's)."""

    http_engine: bool = True
    """False sends the requests with geventhttpclient."""

    abstract: bool = True

    client: FastHttpSession

    def __init__(self, environment: Any) -> None:
        super().__init__(environment)
        if self.host is None:
            raise StopTest(
                "You must specify the base host. Either in the host attribute in the User class, "
                "or on the command line using the --host option."
            )
        self.client = FastHttpSession(
            base_url=self.host,
            request_event=self.environment.events.request,
            user=self,
            network_timeout=self.network_timeout,
            connection_timeout=self.connection_timeout,
            max_redirects=self.max_redirects,
            max_retries=self.max_retries,
            insecure=self.insecure,
            concurrency=self.concurrency,
            headers=self.default_headers,
            client_pool=self.client_pool,
            ssl_context_factory=self.ssl_context_factory,
            proxy_host=self.proxy_host,
            proxy_port=self.proxy_port,
        )

    def _disconnect(self) -> None:
        client = getattr(self, "client", None)
        if isinstance(client, FastHttpSession):
            client._disconnect()
