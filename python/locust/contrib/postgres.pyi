# Written by tools/generate_alias_stubs.py; at run time this is `locust_rs.contrib.postgres` itself.
from locust_rs.contrib.postgres import PostgresClient as PostgresClient
from locust_rs.contrib.postgres import PostgresUser as PostgresUser
