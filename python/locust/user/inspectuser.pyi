# Written by tools/generate_alias_stubs.py; at run time this is `locust_rs.user.inspectuser` itself.
from locust_rs.user.inspectuser import _calc_distribution as _calc_distribution
from locust_rs.user.inspectuser import _get_task_ratio as _get_task_ratio
from locust_rs.user.inspectuser import _print_task_ratio as _print_task_ratio
from locust_rs.user.inspectuser import get_ratio as get_ratio
from locust_rs.user.inspectuser import print_task_ratio as print_task_ratio
from locust_rs.user.inspectuser import print_task_ratio_json as print_task_ratio_json
