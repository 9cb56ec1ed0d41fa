# Written by tools/generate_alias_stubs.py; at run time this is `locust_rs.contrib.csv_request_logger` itself.
from locust_rs.contrib.csv_request_logger import CSV_COLUMNS as CSV_COLUMNS
from locust_rs.contrib.csv_request_logger import CsvRequestLogger as CsvRequestLogger
from locust_rs.contrib.csv_request_logger import _status_code as _status_code
from locust_rs.contrib.csv_request_logger import logger as logger
