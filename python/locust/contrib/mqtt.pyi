# Written by tools/generate_alias_stubs.py; at run time this is `locust_rs.contrib.mqtt` itself.
from locust_rs.contrib.mqtt import MqttClient as MqttClient
from locust_rs.contrib.mqtt import MqttUser as MqttUser
from locust_rs.contrib.mqtt import PublishedMessageContext as PublishedMessageContext
from locust_rs.contrib.mqtt import REQUEST_TYPE as REQUEST_TYPE
from locust_rs.contrib.mqtt import SUBACK_FAILURE as SUBACK_FAILURE
from locust_rs.contrib.mqtt import _generate_mqtt_event_name as _generate_mqtt_event_name
from locust_rs.contrib.mqtt import _generate_random_id as _generate_random_id
