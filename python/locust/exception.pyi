# Written by tools/generate_alias_stubs.py; at run time this is `locust_rs.exception` itself.
from locust_rs.exception import CatchResponseError as CatchResponseError
from locust_rs.exception import InterruptTaskSet as InterruptTaskSet
from locust_rs.exception import LocustError as LocustError
from locust_rs.exception import MissingWaitTimeError as MissingWaitTimeError
from locust_rs.exception import RPCError as RPCError
from locust_rs.exception import RPCReceiveError as RPCReceiveError
from locust_rs.exception import RPCSendError as RPCSendError
from locust_rs.exception import RescheduleTask as RescheduleTask
from locust_rs.exception import RescheduleTaskImmediately as RescheduleTaskImmediately
from locust_rs.exception import ResponseError as ResponseError
from locust_rs.exception import RunnerAlreadyExistsError as RunnerAlreadyExistsError
from locust_rs.exception import StopTest as StopTest
from locust_rs.exception import StopUser as StopUser
