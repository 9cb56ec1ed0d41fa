# Written by tools/generate_alias_stubs.py; at run time this is `locust_rs.contrib.socketio` itself.
from locust_rs.contrib.socketio import SocketIOClient as SocketIOClient
from locust_rs.contrib.socketio import SocketIOUser as SocketIOUser
