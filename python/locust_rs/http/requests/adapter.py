"""The transport adapter of `HttpSession`: a pool that may be shared, and trust that is read once."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, cast

from requests.adapters import HTTPAdapter
from requests.utils import DEFAULT_CA_BUNDLE_PATH, extract_zipped_paths

if TYPE_CHECKING:
    from ssl import SSLContext

    from requests import PreparedRequest
    from urllib3 import PoolManager


@cache
def preloaded_ssl_context() -> SSLContext:
    """One context with requests' certificate bundle for all sessions: reading the bundle takes 10 ms."""
    from urllib3.util.ssl_ import create_urllib3_context

    context = create_urllib3_context()
    bundle: str = extract_zipped_paths(DEFAULT_CA_BUNDLE_PATH)  # type: ignore[no-untyped-call]
    context.load_verify_locations(bundle)
    return context


class LocustHttpAdapter(HTTPAdapter):
    """An `HTTPAdapter` that uses the given pool manager, so that users can share connections.

    Args:
        pool_manager: The pool to use; None makes one of its own, as `HTTPAdapter` does.
    """

    # An unpickled adapter shares nothing.
    _shared_pool: PoolManager | None = None

    def __init__(self, pool_manager: PoolManager | None, *args: Any, **kwargs: Any) -> None:
        # Before the base class, whose __init__ asks for a pool.
        self._shared_pool = pool_manager
        super().__init__(*args, **kwargs)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Remembers what pool to make, unless one was given. Most sessions never need it."""
        self._pool = self._shared_pool
        self._pool_settings = (args, kwargs)

    @property
    def poolmanager(self) -> PoolManager:
        """The connections; made when they are first needed."""
        if self._pool is None:
            args, kwargs = self._pool_settings
            super().init_poolmanager(*args, **kwargs)
        return cast("PoolManager", self._pool)

    @poolmanager.setter
    def poolmanager(self, value: PoolManager) -> None:
        self._pool = value

    def close(self) -> None:
        """Closes the connections, if there are any."""
        if self._pool is not None:
            super().close()

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """Prepares a connection's trust; the standing context needs no bundle loaded again."""
        if verify is True and not cert and url.lower().startswith("https"):
            conn.cert_reqs = "CERT_REQUIRED"
        else:
            super().cert_verify(conn, url, verify, cert)  # type: ignore[no-untyped-call]

    def build_connection_pool_key_attributes(  # type: ignore[override]
        self, request: PreparedRequest, verify: Any, cert: Any = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Names the pool of a request; ordinary verification uses the standing context.

        A client certificate would be loaded into that context and be sent by every session, so such requests
        get a context of their own.
        """
        host_params: Any
        pool_kwargs: Any
        host_params, pool_kwargs = super().build_connection_pool_key_attributes(request, verify, cert)
        if verify is True and not cert and host_params.get("scheme") == "https":
            pool_kwargs["ssl_context"] = preloaded_ssl_context()
        return host_params, pool_kwargs
