"""QdrantUser: tests the vector database Qdrant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from locust_rs.contrib._extras import missing_extra
from locust_rs.contrib._timing import Result, TimedResultUser, timed

try:
    from qdrant_client import QdrantClient
    from qdrant_client.models import VectorParams
except ModuleNotFoundError as error:
    raise missing_extra("QdrantUser", "qdrant", error) from error

if TYPE_CHECKING:
    from locust_rs.env import Environment


class QdrantLocustClient:
    """A Qdrant client for one collection. The data methods return a `Result` instead of raising.

    Args:
        url: The server, for example `http://localhost:6333`.
        collection_name: The collection.
        api_key: The key, if the server requires one.
        timeout: Seconds that a call may take.
        **kwargs: Passed to `QdrantClient`.
    """

    def __init__(
        self, url: str, collection_name: str, api_key: str | None = None, timeout: int = 60, **kwargs: Any
    ) -> None:
        self.collection_name = collection_name
        self.client = QdrantClient(url=url, api_key=api_key, timeout=timeout, **kwargs)

    def close(self) -> None:
        """Closes the client."""
        self.client.close()

    def create_collection(self, vectors_config: Any, **kwargs: Any) -> None:
        """Creates the collection unless it exists, or another process is faster."""
        if self._exists():
            return
        try:
            self.client.create_collection(collection_name=self.collection_name, vectors_config=vectors_config, **kwargs)
        except Exception:  # of HTTP or of gRPC
            if not self._exists():
                raise

    def _exists(self) -> bool:
        exists: bool = self.client.collection_exists(collection_name=self.collection_name)
        return exists

    def upsert(self, points: Any) -> Result:
        """Inserts or replaces points."""
        return timed(lambda: self.client.upsert(collection_name=self.collection_name, points=points))

    def search(
        self,
        query: Any,
        limit: int = 10,
        query_filter: Any = None,
        search_params: Any = None,
        with_payload: Any = True,
    ) -> Result:
        """Finds the points nearest to a vector."""
        found = timed(
            lambda: self.client.query_points(
                collection_name=self.collection_name,
                query=query,
                limit=limit,
                query_filter=query_filter,
                search_params=search_params,
                with_payload=with_payload,
            )
        )
        if found["success"]:
            found["empty"] = not found["result"].points
        return found

    def scroll(self, scroll_filter: Any = None, limit: int = 10, with_payload: Any = True) -> Result:
        """Reads a page of points; `next_offset` is where the next page starts."""
        found = timed(
            lambda: self.client.scroll(
                collection_name=self.collection_name,
                scroll_filter=scroll_filter,
                limit=limit,
                with_payload=with_payload,
            )
        )
        if found["success"]:
            found["result"], found["next_offset"] = found["result"]
            found["empty"] = not found["result"]
        return found

    def delete(self, points_selector: Any) -> Result:
        """Deletes points."""
        return timed(lambda: self.client.delete(collection_name=self.collection_name, points_selector=points_selector))


class QdrantUser(TimedResultUser):
    """A User with a Qdrant client. It has the client's methods and reports their calls with type `qdrant`."""

    abstract = True

    url: str = "http://localhost:6333"
    """The server."""

    api_key: str | None = None
    """The key, if the server requires one."""

    collection_name: str | None = None
    """The collection; required."""

    timeout: int = 60
    """Seconds that a call may take."""

    vectors_config: VectorParams | None = None
    """If given, the collection is created with these vectors unless it exists."""

    client_kwargs: dict[str, Any] | None = None
    """Further arguments of `QdrantClient`."""

    collection_kwargs: dict[str, Any] | None = None
    """Further arguments of `create_collection`."""

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        if self.collection_name is None:
            raise ValueError("'collection_name' must be provided for QdrantUser")
        self.client_type = "qdrant"
        self.client = QdrantLocustClient(
            url=self.url,
            collection_name=self.collection_name,
            api_key=self.api_key,
            timeout=self.timeout,
            **(self.client_kwargs or {}),
        )
        if self.vectors_config is not None:
            self.client.create_collection(self.vectors_config, **(self.collection_kwargs or {}))

    def upsert(self, points: Any) -> Result:
        """Inserts or replaces points."""
        return self._reported("upsert", self.client.upsert(points))

    def search(
        self,
        query: Any,
        limit: int = 10,
        query_filter: Any = None,
        search_params: Any = None,
        with_payload: Any = True,
    ) -> Result:
        """Finds the points nearest to a vector."""
        return self._reported("search", self.client.search(query, limit, query_filter, search_params, with_payload))

    def scroll(self, scroll_filter: Any = None, limit: int = 10, with_payload: Any = True) -> Result:
        """Reads a page of points."""
        return self._reported("scroll", self.client.scroll(scroll_filter, limit, with_payload))

    def delete(self, points_selector: Any) -> Result:
        """Deletes points."""
        return self._reported("delete", self.client.delete(points_selector))

    def on_stop(self) -> None:
        """Closes the client."""
        self.client.close()
