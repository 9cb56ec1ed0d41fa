"""Which of the engine's clients sends a request: one for each pool of connections that requests would use.

The adapter, the proxy and the TLS settings decide, and requests' own code reads these: session, call and environment.
"""

from __future__ import annotations

import os
from collections.abc import Callable, MutableMapping
from time import monotonic
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from requests.adapters import HTTPAdapter
from requests.exceptions import RequestException
from requests.utils import NETRC_FILES, get_netrc_auth, prepend_scheme_if_needed, select_proxy
from urllib3 import PoolManager
from urllib3.util import Retry

from locust_rs import _core
from locust_rs.http.common import tls_origins
from locust_rs.http.common.leaving import Reason
from locust_rs.http.engine.client import make_client
from locust_rs.http.requests import tls
from locust_rs.http.requests.adapter import LocustHttpAdapter
from locust_rs.http.requests.engine_response import EngineResponse
from locust_rs.http.requests.untouched import ORIGINALS

if TYPE_CHECKING:
    from locust_rs.http.requests.session import HttpSession

_OWN_SETTINGS = ("verify", "cert", "proxies")
_MOST_ROUTES = 256
_NETRC_LOOKS_SEC = 0.1  # looking for the files takes longer than the rest of a request
_BY_SCHEME = frozenset(["http://", "https://"])


def _never() -> bool:
    return False


def _origin(url: str) -> str:
    """Scheme, host and port of a URL as they stand there."""
    end = url.find("/", 8)
    return url if end < 0 else url[:end]


class Route(NamedTuple):
    """How a request gets to its server."""

    client: _core.HttpClient
    retries: Retry | None
    proxy: str | None
    settings: dict[str, Any]
    """`stream`, `verify`, `cert` and `proxies` of the request, as its adapter would be told."""


class Routes:
    """The engine's clients of one session.

    Args:
        session: Whose adapters and settings they follow.
    """

    def __init__(self, session: HttpSession) -> None:
        self._session = session
        self._clients: dict[Any, _core.HttpClient] = {}
        self._shaping: list[tuple[str, Any]] = []
        self._routes: dict[Any, Route] = {}
        self._home: Any = None
        self._netrc_files: list[str] = []
        self._has_netrc = False
        self._netrc_look = 0.0
        self._is_same_environment: Callable[[], bool] = _never

    def forget(self) -> None:
        """The session's settings have changed."""
        self._routes.clear()

    def shape(self, **settings: Any) -> None:
        """Calls `set_…`/`record_to` on every client, also those made later; a keyword each, a tuple of arguments."""
        self._shaping = list(settings.items())
        for client in self._clients.values():
            self._apply(client)

    def _apply(self, client: _core.HttpClient) -> None:
        for name, arguments in self._shaping:
            getattr(client, name)(*arguments)

    def close_idle(self) -> None:
        """Closes the idle connections of all clients."""
        for client in self._clients.values():
            client.close_idle()

    def route(self, url: str, kwargs: dict[str, Any]) -> Route | Reason:
        """The way of a request to its server, or the reason why requests has to find it.

        Args:
            kwargs: The keywords of the call.
        """
        route = self._route_by_settings(url, kwargs)
        if isinstance(route, Route) and tls_origins.has_left(place_of(url, route.settings)):
            return Reason.LEFT_ORIGIN
        return route

    def _route_by_settings(self, url: str, kwargs: dict[str, Any]) -> Route | Reason:
        session = self._session
        verify, cert, proxies = (kwargs.get(name) for name in _OWN_SETTINGS)
        key = None
        if _BY_SCHEME.issuperset(session.adapters):
            if session.trust_env:
                self._look_at_environment()
            # Only a proxy, or the environment's list of hosts without one, depends on more than the scheme.
            place = _origin(url) if proxies or session.proxies or session.trust_env else url[:6].lower()
            try:
                key = (
                    place, kwargs.get("stream"), type(verify), verify, cert, tuple(proxies.items()) if proxies else None
                )  # fmt: skip
                if (known := self._routes.get(key)) is not None:
                    return known
            except (TypeError, AttributeError):
                return Reason.OWN_TLS
        own_proxies = dict(proxies) if proxies else {}
        settings: Any = session.merge_environment_settings(url, own_proxies, kwargs.get("stream"), verify, cert)
        proxy = select_proxy(url, settings["proxies"]) if settings["proxies"] else None
        if proxy:
            proxy = str(prepend_scheme_if_needed(proxy, "http"))  # type: ignore[no-untyped-call]
            if not proxy.startswith("http://") or not urlsplit(proxy).hostname:
                return Reason.OTHER_PROXY
        try:
            adapter: Any = session.get_adapter(url)
        except RequestException:
            return Reason.NO_ADAPTER
        reason = unservable(adapter)
        if reason is not None:
            return reason
        client = self.client_of(adapter, settings["verify"], settings["cert"], proxy)
        if isinstance(client, Reason):
            return client
        route = Route(client, retries_of(adapter), proxy, settings)
        if key is not None:
            if len(self._routes) >= _MOST_ROUTES:
                self._routes.clear()
            self._routes[key] = route
        return route

    def _look_at_environment(self) -> None:
        """Forgets the routes if a variable of the environment has changed."""
        if not self._is_same_environment():
            self._routes.clear()
            environment: Any = os.environ
            self._is_same_environment = _core.Snapshot(
                ORIGINALS.watch, ORIGINALS.version, [environment._data], [], [(os, "environ")], frozenset()
            ).holds

    def netrc_auth(self, url: str) -> Any:
        """What a .netrc file says about the host of a URL, with `trust_env`; None if there is no such file."""
        environment: Any = os.environ
        now = (environment._data.get(b"NETRC"), environment._data.get(b"HOME"))
        if now != self._home:
            self._home = now
            netrc = os.environ.get("NETRC")
            names = [f"~/{name}" for name in NETRC_FILES] if netrc is None else [netrc]
            self._netrc_files = [os.path.expanduser(name) for name in names]
            self._netrc_look = 0.0
        if (time := monotonic()) >= self._netrc_look:
            self._has_netrc = any(map(os.path.exists, self._netrc_files))
            self._netrc_look = time + _NETRC_LOOKS_SEC
        return get_netrc_auth(url) if self._has_netrc else None

    def client_of(self, adapter: Any, verify: Any, cert: Any, proxy: str | None) -> _core.HttpClient | Reason:
        """The engine's client for a pool of connections, or the reason why there is none."""
        try:
            key = (adapter, verify, cert, proxy)
            client = self._clients.get(key)
        except TypeError:
            return Reason.OWN_TLS
        if client is not None:
            return client
        made = self._make(adapter, verify, cert, proxy)
        if not isinstance(made, Reason):
            self._clients[key] = made
            self._apply(made)
        return made

    def _make(self, adapter: Any, verify: Any, cert: Any, proxy: str | None) -> _core.HttpClient | Reason:
        settings = tls.settings(verify, cert)
        if settings is None:
            return Reason.OWN_TLS
        shared = None
        most = adapter._pool_maxsize if adapter._pool_block else 0
        pool_manager = getattr(adapter, "_shared_pool", None)
        if pool_manager is not None:
            most = pool_manager.connection_pool_kw.get("maxsize", 1) if _blocks(pool_manager) else 0
            shared = _shared_client(pool_manager, (verify, cert, proxy))
        try:
            client = make_client(
                host_first=True,
                concurrency=most,
                connect_timeout=None,
                network_timeout=None,
                tls=settings,
                proxy=proxy or None,
                response_class=EngineResponse,
                lenient_lengths=True,
                shared=shared,
            )
        except ValueError:
            return Reason.OTHER_PROXY
        if pool_manager is not None and shared is None:
            _shared_pools.setdefault(pool_manager, {})[verify, cert, proxy] = client
        return client


_shared_pools: MutableMapping[PoolManager, dict[Any, _core.HttpClient]] = WeakKeyDictionary()


def _shared_client(pool_manager: PoolManager, key: Any) -> _core.HttpClient | None:
    return _shared_pools.get(pool_manager, {}).get(key)


def _blocks(pool_manager: PoolManager) -> bool:
    return bool(pool_manager.connection_pool_kw.get("block", False))


def unservable(adapter: Any) -> Reason | None:
    """Why only requests can send through an adapter; None: it is an ordinary one."""
    if type(adapter) is not LocustHttpAdapter and type(adapter) is not HTTPAdapter:
        return Reason.OWN_ADAPTER
    if not _ADAPTER_ATTRIBUTES.issuperset(vars(adapter)):
        return Reason.OWN_ADAPTER
    pools = vars(adapter)
    pool_manager = pools.get("_shared_pool") or pools.get("poolmanager") or pools.get("_pool")
    if pool_manager is not None and not _is_ordinary(pool_manager):
        return Reason.OWN_POOLS
    if not isinstance(adapter.max_retries, Retry):
        return Reason.OWN_RETRIES
    return None


def _is_ordinary(pool_manager: Any) -> bool:
    return type(pool_manager) is PoolManager and _POOL_SETTINGS.issuperset(pool_manager.connection_pool_kw)


_ADAPTER_ATTRIBUTES = frozenset([*vars(HTTPAdapter()), "_shared_pool", "_pool", "_pool_settings"])
_POOL_SETTINGS = frozenset(["maxsize", "block"])


def place_of(url: str, settings: dict[str, Any]) -> tls_origins.Place | None:
    """The place of a request among those that leave the engine.

    Args:
        settings: `verify` and `cert` of the request, which the engine can load.
    """
    return tls_origins.place_of(url, "requests", (settings["verify"], settings["cert"]))


def retries_of(adapter: Any) -> Retry | None:
    """The `Retry` of an adapter; None for the default, which tries nothing again."""
    retries: Retry = adapter.max_retries
    return None if type(retries) is Retry and retries.total == 0 and retries.read is False else retries
