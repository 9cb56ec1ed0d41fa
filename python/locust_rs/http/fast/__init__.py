"""`FastHttpSession`, the client of `FastHttpUser`: on the engine, or on geventhttpclient.

Public as `locust.contrib.fasthttp`.
"""
