# Written by tools/generate_alias_stubs.py; at run time this is `locust_rs.contrib.websocket` itself.
from locust_rs.contrib.websocket import ConnectionClosed as ConnectionClosed
from locust_rs.contrib.websocket import HandshakeRefused as HandshakeRefused
from locust_rs.contrib.websocket import Settings as Settings
from locust_rs.contrib.websocket import TimedOut as TimedOut
from locust_rs.contrib.websocket import WebSocketClient as WebSocketClient
from locust_rs.contrib.websocket import WebSocketFailure as WebSocketFailure
from locust_rs.contrib.websocket import WebSocketUser as WebSocketUser
