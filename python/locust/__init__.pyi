# Written by tools/generate_alias_stubs.py; at run time this is `locust_rs` itself.
from locust import argument_parser as argument_parser
from locust import clients as clients
from locust import contrib as contrib
from locust import debug as debug
from locust import dispatch as dispatch
from locust import env as env
from locust import event as event
from locust import exception as exception
from locust import html as html
from locust import input_events as input_events
from locust import log as log
from locust import main as main
from locust import opentelemetry as opentelemetry
from locust import rpc as rpc
from locust import runners as runners
from locust import shape as shape
from locust import stats as stats
from locust import user as user
from locust import util as util
from locust import web as web
from locust_rs import FastHttpUser as FastHttpUser
from locust_rs import HttpLocust as HttpLocust
from locust_rs import HttpUser as HttpUser
from locust_rs import LoadTestShape as LoadTestShape
from locust_rs import Locust as Locust
from locust_rs import MarkovTaskSet as MarkovTaskSet
from locust_rs import RestUser as RestUser
from locust_rs import SequentialTaskSet as SequentialTaskSet
from locust_rs import TaskSet as TaskSet
from locust_rs import User as User
from locust_rs import __version__ as __version__
from locust_rs import between as between
from locust_rs import constant as constant
from locust_rs import constant_pacing as constant_pacing
from locust_rs import constant_throughput as constant_throughput
from locust_rs import events as events
from locust_rs import poisson as poisson
from locust_rs import run_single_user as run_single_user
from locust_rs import tag as tag
from locust_rs import task as task
from locust_rs import transition as transition
from locust_rs import transitions as transitions
import urllib3 as urllib3
from locust_rs import wait_time as wait_time

__all__ = [
    "FastHttpUser",
    "HttpLocust",
    "HttpUser",
    "LoadTestShape",
    "Locust",
    "MarkovTaskSet",
    "SequentialTaskSet",
    "TaskSet",
    "User",
    "__version__",
    "between",
    "constant",
    "constant_pacing",
    "constant_throughput",
    "events",
    "poisson",
    "run_single_user",
    "tag",
    "task",
    "transition",
    "transitions",
    "wait_time",
]
