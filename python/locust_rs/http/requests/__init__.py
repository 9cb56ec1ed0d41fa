"""`HttpSession`, the client of `HttpUser`: on the engine, or on requests. Public as `locust.clients`."""
