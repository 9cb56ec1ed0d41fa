# Written by tools/generate_alias_stubs.py; at run time this is `locust_rs.html` itself.
from locust_rs.html import DEFAULT_BUILD_PATH as DEFAULT_BUILD_PATH
from locust_rs._tunables.html import PERCENTILES_FOR_HTML_REPORT as PERCENTILES_FOR_HTML_REPORT
from locust_rs.html import get_html_report as get_html_report
from locust_rs.html import process_html_filename as process_html_filename
from locust_rs.html import render_template_from as render_template_from
