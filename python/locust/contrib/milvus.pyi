# Written by tools/generate_alias_stubs.py; at run time this is `locust_rs.contrib.milvus` itself.
from locust_rs.contrib.milvus import BaseClient as BaseClient
from locust_rs.contrib.milvus import MilvusUser as MilvusUser
from locust_rs.contrib.milvus import MilvusV2Client as MilvusV2Client
