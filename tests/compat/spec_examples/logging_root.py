import logging
logging.info("this log message will go wherever the other locust log messages go")
