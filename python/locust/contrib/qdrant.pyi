# Written by tools/generate_alias_stubs.py; at run time this is `locust_rs.contrib.qdrant` itself.
from locust_rs.contrib.qdrant import QdrantLocustClient as QdrantLocustClient
from locust_rs.contrib.qdrant import QdrantUser as QdrantUser
