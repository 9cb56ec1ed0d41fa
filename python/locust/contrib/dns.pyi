# Written by tools/generate_alias_stubs.py; at run time this is `locust_rs.contrib.dns` itself.
from locust_rs.contrib.dns import DNSClient as DNSClient
from locust_rs.contrib.dns import DNSUser as DNSUser
