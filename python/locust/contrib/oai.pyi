# Written by tools/generate_alias_stubs.py; at run time this is `locust_rs.contrib.oai` itself.
from locust_rs.contrib.oai import OpenAIClient as OpenAIClient
from locust_rs.contrib.oai import OpenAIUser as OpenAIUser
