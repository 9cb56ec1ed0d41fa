"""The sample service: a shop with login, catalogue, search and cart, a slow page and a flaky one.

Everything is in memory. Random values come from one seeded generator, so that runs are alike.
"""

from __future__ import annotations

import asyncio
import json
import random
import secrets
from collections.abc import Awaitable, Callable
from typing import Any

from locust_rs.demo.http_server import Reply, Request

PASSWORD = "locust"
"""The password of every user name."""

PRODUCTS = 200
PAGE_SIZE = 20
SLOW_REPORT_S = (0.15, 0.45)
"""Bounds of the time that the sales report takes, in seconds."""

FLAKY_SHARE = 0.02
"""Share of the requests for recommendations that fail with status 503."""

_ADJECTIVES = (
    "quiet",
    "brisk",
    "copper",
    "amber",
    "northern",
    "folding",
    "woollen",
    "spare",
    "tidal",
    "plain",
)
_NOUNS = (
    "kettle",
    "lantern",
    "compass",
    "blanket",
    "satchel",
    "radio",
    "ladder",
    "notebook",
    "stool",
    "whistle",
)

Json = dict[str, Any]


def _json(content: object, status: int = 200, headers: dict[str, str] | None = None) -> Reply:
    return Reply(json.dumps(content).encode(), status, headers=headers or {})


def _error(status: int, message: str) -> Reply:
    return _json({"error": message}, status)


class Shop:
    """The shop's state and its pages; `handle` answers a request.

    Attributes:
        served: Number of requests answered so far, without those for `/health`.
    """

    def __init__(self, seed: int = 1) -> None:
        self._random = random.Random(seed)
        self.served = 0
        self._products = [self._make_product(number) for number in range(1, PRODUCTS + 1)]
        self._carts: dict[str, dict[int, int]] = {}
        self._home = self._render_home()
        self._routes: dict[tuple[str, str], Callable[[Request], Reply | Awaitable[Reply]]] = {
            ("GET", "/"): lambda _request: self._home,
            ("GET", "/health"): lambda _request: _json({"status": "ok", "served": self.served}),
            ("POST", "/login"): self._log_in,
            ("GET", "/products"): self._list_products,
            ("GET", "/search"): self._search,
            ("GET", "/cart"): self._show_cart,
            ("POST", "/cart"): self._add_to_cart,
            ("POST", "/checkout"): self._check_out,
            ("GET", "/recommendations"): self._recommend,
            ("GET", "/reports/sales"): self._report_sales,
        }

    def handle(self, request: Request) -> Reply | Awaitable[Reply]:
        """Answers one request."""
        if request.path != "/health":
            self.served += 1
        method = "GET" if request.method == "HEAD" else request.method
        page = self._routes.get((method, request.path))
        if page is not None:
            return page(request)
        if method == "GET" and request.path.startswith("/products/"):
            return self._show_product(request)
        if any(path == request.path for _, path in self._routes):
            return _error(405, f"{request.path} does not take {request.method}")
        return _error(404, f"there is no page {request.path}")

    def _make_product(self, number: int) -> Json:
        name = f"{self._random.choice(_ADJECTIVES)} {self._random.choice(_NOUNS)}"
        return {"id": number, "name": name, "price": self._random.randrange(5_00, 200_00) / 100}

    def _render_home(self) -> Reply:
        rows = "".join(
            f'<li><a href="/products/{product["id"]}">{product["name"]}</a> {product["price"]:.2f}</li>'
            for product in self._products[:PAGE_SIZE]
        )
        page = f"<!doctype html><title>The sample shop</title><h1>The sample shop</h1><ul>{rows}</ul>\n"
        return Reply(page.encode(), content_type="text/html; charset=utf-8")

    def _log_in(self, request: Request) -> Reply:
        credentials = _json_body(request)
        if not credentials.get("username") or credentials.get("password") != PASSWORD:
            return _error(401, "wrong user name or password")
        session = secrets.token_urlsafe(12)
        self._carts[session] = {}
        cookie = f"session={session}; Path=/; HttpOnly"
        return _json({"username": credentials["username"]}, headers={"Set-Cookie": cookie})

    def _list_products(self, request: Request) -> Reply:
        page = _number(request.query.get("page", "1"))
        if page is None or page < 1:
            return _error(400, "page must be a number from 1")
        start = (page - 1) * PAGE_SIZE
        return _json({"page": page, "products": self._products[start : start + PAGE_SIZE]})

    def _show_product(self, request: Request) -> Reply:
        number = _number(request.path.removeprefix("/products/"))
        if number is None or not 1 <= number <= PRODUCTS:
            return _error(404, "there is no such product")
        return _json(self._products[number - 1])

    def _search(self, request: Request) -> Reply:
        words = request.query.get("q", "").lower()
        found = [product for product in self._products if words in product["name"]]
        return _json({"query": words, "count": len(found), "products": found[:PAGE_SIZE]})

    def _cart_of(self, request: Request) -> dict[int, int] | None:
        return self._carts.get(request.cookie("session") or "")

    def _show_cart(self, request: Request) -> Reply:
        cart = self._cart_of(request)
        if cart is None:
            return _error(401, "log in first")
        return _json({"items": [{"product_id": number, "quantity": count} for number, count in cart.items()]})

    def _add_to_cart(self, request: Request) -> Reply:
        cart = self._cart_of(request)
        if cart is None:
            return _error(401, "log in first")
        number = _json_body(request).get("product_id")
        if not isinstance(number, int) or not 1 <= number <= PRODUCTS:
            return _error(400, f"product_id must be a number from 1 to {PRODUCTS}")
        cart[number] = cart.get(number, 0) + 1
        return _json({"product_id": number, "quantity": cart[number]}, 201)

    def _check_out(self, request: Request) -> Reply:
        cart = self._cart_of(request)
        if cart is None:
            return _error(401, "log in first")
        if not cart:
            return _error(409, "the cart is empty")
        total = sum(self._products[number - 1]["price"] * count for number, count in cart.items())
        cart.clear()
        return _json({"total": round(total, 2)}, 201)

    def _recommend(self, _request: Request) -> Reply:
        if self._random.random() < FLAKY_SHARE:
            return _error(503, "recommendations are resting")
        return _json({"products": self._random.sample(self._products, 3)})

    async def _report_sales(self, _request: Request) -> Reply:
        await asyncio.sleep(self._random.uniform(*SLOW_REPORT_S))
        return _json({"open_carts": len(self._carts)})


def _json_body(request: Request) -> Json:
    """The body as a JSON object; an empty one if it is not a JSON object."""
    try:
        content = json.loads(request.body)
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 10 else None
