# Written by tools/generate_alias_stubs.py; at run time this is `locust_rs.util.date` itself.
from locust_rs.util.date import format_duration as format_duration
from locust_rs.util.date import format_safe_timestamp as format_safe_timestamp
from locust_rs.util.date import format_utc_timestamp as format_utc_timestamp
