"""Decides which users run on which worker, and when. Public module `locust.dispatch`."""

from locust_rs.dispatch.users import UsersDispatcher
from locust_rs.dispatch.weighted import _kl_generator

__all__ = ["UsersDispatcher", "_kl_generator"]
