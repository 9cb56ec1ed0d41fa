"""Where pickles of earlier versions look for responses of the engine."""

from locust_rs.http.requests.engine_response import EngineResponse, _unpickled

__all__ = ["EngineResponse", "_unpickled"]
