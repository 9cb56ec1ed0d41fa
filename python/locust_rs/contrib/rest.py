"""`RestUser`: the name under which `FastHttpUser.rest()` was first published."""

from locust_rs.user.fasthttp import FastHttpUser


class RestUser(FastHttpUser):
    """A FastHttpUser. Use that class instead, which has `rest()` and `rest_()` itself."""

    abstract = True
