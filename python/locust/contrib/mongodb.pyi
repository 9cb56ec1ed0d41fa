# Written by tools/generate_alias_stubs.py; at run time this is `locust_rs.contrib.mongodb` itself.
from locust_rs.contrib.mongodb import MongoDBClient as MongoDBClient
from locust_rs.contrib.mongodb import MongoDBUser as MongoDBUser
