"""MongoDBUser: tests MongoDB with pymongo."""

from __future__ import annotations

import time
from typing import Any

from locust_rs.contrib._extras import missing_extra
from locust_rs.event import EventHook, default
from locust_rs.user.base import User

try:
    from pymongo import MongoClient
    from pymongo.errors import PyMongoError
except ModuleNotFoundError as error:
    raise missing_extra("MongoDBUser", "mongodb", error) from error


class MongoDBClient(MongoClient):  # type: ignore[misc]  # the package may be missing where types are checked
    """A `MongoClient` whose `execute_query` reports a request of type `MONGODB`, named `QUERY`.

    Args:
        conn_string: A connection URL in pymongo's format.
        db_name: The database.
        request_event: The event to fire; None: `locust.events.request`.
    """

    def __init__(self, conn_string: str, db_name: str, request_event: EventHook | None = None) -> None:
        super().__init__(conn_string)
        # MongoClient treats an unknown attribute as a database, but not one that is set here.
        self.db = self[db_name]
        self._request_event = request_event

    def execute_query(self, collection_name: str, query: dict[str, Any]) -> list[Any] | None:
        """Finds documents; a failure is reported, not raised.

        Returns:
            The documents, or None after a failure.
        """
        documents: list[Any] | None = None
        exception: Exception | None = None
        start_time = time.time()
        started = time.perf_counter()
        try:
            documents = list(self.db[collection_name].find(query))
        except PyMongoError as failure:
            exception = failure
        (self._request_event or default.events.request).fire(
            request_type="MONGODB",
            name="QUERY",
            response_time=(time.perf_counter() - started) * 1000,
            response_length=len(documents or ()),
            exception=exception,
            context={},
            start_time=start_time,
        )
        return documents


class MongoDBUser(User):
    """A User with its own MongoDB client, `client`."""

    abstract = True

    conn_string: str
    """The server, for example `mongodb://localhost:27017`."""

    db_name: str
    """The database."""

    client: MongoDBClient

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for attribute in ("conn_string", "db_name"):
            if not getattr(self, attribute, None):
                raise ValueError(f"{type(self).__name__} has no {attribute}: set it as a class attribute")
        self.client = MongoDBClient(self.conn_string, self.db_name, self.environment.events.request)

    def on_stop(self) -> None:
        """Closes the client's connections."""
        self.client.close()
