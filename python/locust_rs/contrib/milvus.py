"""MilvusUser: tests the vector database Milvus."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from locust_rs.contrib._extras import missing_extra
from locust_rs.contrib._timing import Result, TimedResultUser, timed

try:
    # Before pymilvus is imported: grpc does its I/O in C and must be told to use gevent's loop.
    import grpc.experimental.gevent as grpc_gevent

    grpc_gevent.init_gevent()
    from pymilvus import CollectionSchema, MilvusClient
    from pymilvus.milvus_client import IndexParams
except ModuleNotFoundError as error:
    raise missing_extra("MilvusUser", "milvus", error) from error

if TYPE_CHECKING:
    from locust_rs.env import Environment


class BaseClient(ABC):
    """The interface of a MilvusUser's client. The data methods return a `Result` instead of raising."""

    @abstractmethod
    def close(self) -> None:
        """Closes the client."""

    @abstractmethod
    def create_collection(self, schema: Any, index_params: Any, **kwargs: Any) -> None:
        """Creates the collection."""

    @abstractmethod
    def insert(self, data: Any) -> Result:
        """Inserts rows."""

    @abstractmethod
    def upsert(self, data: Any) -> Result:
        """Inserts or replaces rows."""

    @abstractmethod
    def search(
        self,
        data: Any,
        anns_field: str,
        limit: int,
        filter: str = "",
        search_params: Any = None,
        output_fields: Any = None,
        calculate_recall: bool = False,
        ground_truth: Any = None,
    ) -> Result:
        """Finds the rows nearest to vectors."""

    @abstractmethod
    def hybrid_search(self, reqs: Any, ranker: Any, limit: int, output_fields: Any = None) -> Result:
        """Combines several searches."""

    @abstractmethod
    def query(self, filter: str, output_fields: Any = None) -> Result:
        """Finds rows by an expression."""

    @abstractmethod
    def delete(self, filter: str) -> Result:
        """Deletes rows by an expression."""


def _searched(act: Callable[[], Any]) -> Result:
    """Times a search; `empty` tells whether it found nothing."""
    found = timed(act)
    if found["success"]:
        found["empty"] = not found["result"]
    return found


class MilvusV2Client(BaseClient):
    """A `pymilvus.MilvusClient` for one collection.

    Args:
        uri: The server, for example `http://localhost:19530`.
        collection_name: The collection.
        token: `user:password`.
        db_name: The database.
        timeout: Seconds that a call may take.
    """

    def __init__(
        self,
        uri: str,
        collection_name: str,
        token: str = "root:Milvus",
        db_name: str = "default",
        timeout: int = 60,
    ) -> None:
        self.uri = uri
        self.collection_name = collection_name
        self.token = token
        self.db_name = db_name
        self.timeout = timeout
        self.client = MilvusClient(uri=uri, token=token, db_name=db_name, timeout=timeout)

    def close(self) -> None:
        """Closes the client."""
        self.client.close()

    def create_collection(self, schema: Any, index_params: Any, **kwargs: Any) -> None:
        """Creates the collection."""
        self.client.create_collection(
            collection_name=self.collection_name, schema=schema, index_params=index_params, **kwargs
        )

    def insert(self, data: Any) -> Result:
        """Inserts rows."""
        return timed(lambda: self.client.insert(collection_name=self.collection_name, data=data))

    def upsert(self, data: Any) -> Result:
        """Inserts or replaces rows."""
        return timed(lambda: self.client.upsert(collection_name=self.collection_name, data=data))

    def search(
        self,
        data: Any,
        anns_field: str,
        limit: int,
        filter: str = "",
        search_params: Any = None,
        output_fields: Any = None,
        calculate_recall: bool = False,
        ground_truth: Any = None,
    ) -> Result:
        """Finds the rows nearest to vectors; `recall` tells how many of `ground_truth` (ids) were found."""
        found = _searched(
            lambda: self.client.search(
                collection_name=self.collection_name,
                data=data,
                anns_field=anns_field,
                filter=filter,
                limit=limit,
                search_params=search_params,
                output_fields=output_fields or ["id"],
            )
        )
        if found["success"] and calculate_recall and ground_truth is not None:
            found["recall"] = self.get_recall(found["result"], ground_truth, limit)
        return found

    def hybrid_search(self, reqs: Any, ranker: Any, limit: int, output_fields: Any = None) -> Result:
        """Combines several searches."""
        return _searched(
            lambda: self.client.hybrid_search(
                collection_name=self.collection_name,
                reqs=reqs,
                ranker=ranker,
                limit=limit,
                output_fields=output_fields or ["id"],
                timeout=self.timeout,
            )
        )

    @staticmethod
    def get_recall(search_results: Any, ground_truth: Any, limit: int | None = None) -> float:
        """The share of the true neighbours that were found, averaged over the vectors of a search.

        Args:
            search_results: Hits per vector, each with an `id`.
            ground_truth: Ids of the true neighbours per vector, nearest first.
            limit: The number of neighbours that count; None: the number found.

        Returns:
            A fraction, 0 to 1.
        """
        shares = []
        for hits, truth in zip(search_results, ground_truth, strict=False):
            found = {hit["id"] if isinstance(hit, dict) else hit.id for hit in hits}
            wanted = list(truth)[: limit or len(found)]
            if wanted:
                shares.append(len(found.intersection(wanted)) / len(wanted))
        return sum(shares) / len(shares) if shares else 0.0

    def query(self, filter: str, output_fields: Any = None) -> Result:
        """Finds rows by an expression."""
        return _searched(
            lambda: self.client.query(
                collection_name=self.collection_name, filter=filter, output_fields=output_fields or ["id"]
            )
        )

    def delete(self, filter: str) -> Result:
        """Deletes rows by an expression."""
        return timed(lambda: self.client.delete(collection_name=self.collection_name, filter=filter))


class MilvusUser(TimedResultUser):
    """A User with a Milvus client. It has the client's methods and reports their calls with type `milvus`.

    Args:
        environment: The Environment.
        uri: The server.
        token: `user:password`.
        collection_name: The collection.
        db_name: The database.
        timeout: Seconds that a call may take.
        schema: If given, the collection is created with it.
        index_params: Indexes of the collection.
        **kwargs: Further arguments of `create_collection`.
    """

    abstract = True

    def __init__(
        self,
        environment: Environment,
        uri: str = "http://localhost:19530",
        token: str = "root:Milvus",
        collection_name: str = "test_collection",
        db_name: str = "default",
        timeout: int = 60,
        schema: CollectionSchema | None = None,
        index_params: IndexParams | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(environment)
        self.client_type = "milvus"
        self.client = MilvusV2Client(
            uri=uri, token=token, collection_name=collection_name, db_name=db_name, timeout=timeout
        )
        if schema is not None:
            self.client.create_collection(schema=schema, index_params=index_params, **kwargs)

    def _fire_recall_event(self, request_type: str, name: str, result: Result) -> None:
        # The recall, in percent, takes the place of the response time.
        self._fire_event(request_type, name, {**result, "response_time": result["recall"] * 100})

    def insert(self, data: Any) -> Result:
        """Inserts rows."""
        return self._reported("insert", self.client.insert(data))

    def upsert(self, data: Any) -> Result:
        """Inserts or replaces rows."""
        return self._reported("upsert", self.client.upsert(data))

    def search(
        self,
        data: Any,
        anns_field: str,
        limit: int,
        filter: str = "",
        search_params: Any = None,
        output_fields: Any = None,
        calculate_recall: bool = False,
        ground_truth: Any = None,
    ) -> Result:
        """Finds the rows nearest to vectors; a recall is reported as a request named `recall`."""
        result = self._reported(
            "search",
            self.client.search(
                data,
                anns_field,
                limit,
                filter=filter,
                search_params=search_params,
                output_fields=output_fields,
                calculate_recall=calculate_recall,
                ground_truth=ground_truth,
            ),
        )
        if "recall" in result:
            self._fire_recall_event(self.client_type, "recall", result)
        return result

    def hybrid_search(self, reqs: Any, ranker: Any, limit: int, output_fields: Any = None) -> Result:
        """Combines several searches."""
        return self._reported("hybrid_search", self.client.hybrid_search(reqs, ranker, limit, output_fields))

    def query(self, filter: str, output_fields: Any = None) -> Result:
        """Finds rows by an expression."""
        return self._reported("query", self.client.query(filter, output_fields))

    def delete(self, filter: str) -> Result:
        """Deletes rows by an expression."""
        return self._reported("delete", self.client.delete(filter))

    def on_stop(self) -> None:
        """Closes the client."""
        self.client.close()
