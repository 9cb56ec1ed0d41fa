# Written by tools/generate_alias_stubs.py; at run time this is `locust_rs.user.task` itself.
from locust_rs.user.task import DefaultTaskSet as DefaultTaskSet
from locust_rs.user.task import LOCUST_STATE_RUNNING as LOCUST_STATE_RUNNING
from locust_rs.user.task import LOCUST_STATE_STOPPING as LOCUST_STATE_STOPPING
from locust_rs.user.task import LOCUST_STATE_WAITING as LOCUST_STATE_WAITING
from locust_rs.user.task import TaskHolder as TaskHolder
from locust_rs.user.task import TaskSet as TaskSet
from locust_rs.user.task import TaskSetMeta as TaskSetMeta
from locust_rs.user.task import TaskT as TaskT
from locust_rs.user.task import filter_tasks_by_tags as filter_tasks_by_tags
from locust_rs.user.task import get_tasks_from_base_classes as get_tasks_from_base_classes
from locust_rs.user.task import is_markov_taskset as is_markov_taskset
from locust_rs.user.task import logger as logger
from locust_rs.user.task import tag as tag
from locust_rs.user.task import task as task
