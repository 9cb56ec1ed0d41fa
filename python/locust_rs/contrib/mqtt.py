"""MqttUser: tests MQTT brokers with paho-mqtt.

A published message is one request, which lasts until the broker has it (QoS 0: until it is sent). A subscription is
one request, which lasts until it is acknowledged.
"""

from __future__ import annotations

import random
import selectors
import string
import time
import warnings
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from locust_rs.contrib._extras import missing_extra
from locust_rs.exception import LocustError
from locust_rs.user.base import User

try:
    import paho.mqtt.client as mqtt
    from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
except ModuleNotFoundError as error:
    raise missing_extra("MqttUser", "mqtt", error) from error

if TYPE_CHECKING:
    import ssl

    from paho.mqtt.properties import Properties
    from paho.mqtt.reasoncodes import ReasonCode
    from paho.mqtt.subscribeoptions import SubscribeOptions

    from locust_rs.env import Environment

REQUEST_TYPE = "MQTT"

FD_SETSIZE = 1024
"""Files from this number on are beyond `select`."""

CLOSING_S = 1.0
"""How long a client waits for its loop to send the disconnection."""

# The return code of a broker that refuses a subscription (MQTT 3.1.1, 3.9.3).
SUBACK_FAILURE = 0x80


def _generate_random_id(length: int, alphabet: str = string.digits + string.ascii_letters) -> str:
    return "".join(random.choice(alphabet) for _ in range(length))


def _generate_mqtt_event_name(event_type: str, qos: int, topic: str) -> str:
    return f"{event_type}:{qos}:{topic}"


class PublishedMessageContext(NamedTuple):
    """A message in flight."""

    qos: int
    topic: str
    start_time: float
    """Seconds since the epoch."""

    payload_size: int
    """Bytes."""


class SubscribeContext(NamedTuple):
    """A subscription that is not acknowledged yet."""

    qos: int
    topic: str
    start_time: float


class MqttClient(mqtt.Client):
    """A paho client that reports its actions as requests of type `MQTT`.

    Args:
        *args: Passed to paho's client.
        environment: The Environment whose `request` event is fired.
        client_id: None: a random one, `locust-…`.
        protocol: The version of MQTT.
        use_loop_selectors: Wait with `selectors` instead of `select`. It is done anyway where `select` cannot: beyond
            1,024 open files, which 341 clients have.
        **kwargs: Passed to paho's client.
    """

    def __init__(
        self,
        *args: Any,
        environment: Environment,
        client_id: str | None = None,
        protocol: MQTTProtocolVersion = mqtt.MQTTv311,
        use_loop_selectors: bool = False,
        **kwargs: Any,
    ) -> None:
        client_id = client_id or f"locust-{_generate_random_id(16)}"
        if not args:
            # Locustfiles use callbacks with the arguments of version 1.
            kwargs.setdefault("callback_api_version", CallbackAPIVersion.VERSION1)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            super().__init__(*args, **kwargs, client_id=client_id, protocol=protocol)  # type: ignore[misc]
        self.environment = environment
        self._id = client_id
        self._use_loop_selectors = use_loop_selectors
        self._publish_requests: dict[int, PublishedMessageContext] = {}
        self._subscribe_requests: dict[int, SubscribeContext] = {}
        # Answers that arrived before `publish` or `subscribe` had returned their message id. Others belong to messages
        # that are reported already, for example as failed for want of a connection before paho sent them after all.
        self._early_answers: dict[tuple[str, int], Exception | None] = {}
        self._calls_in_progress = 0
        self._closing = False
        self._connecting_since = time.time()
        self._connect_error: OSError | None = None

        self.on_publish = self._on_publish_cb
        self.on_connect_fail = self._on_connect_fail_cb
        if protocol == mqtt.MQTTv5:
            self.on_connect = self._on_connect_cb_v5
            self.on_disconnect = self._on_disconnect_cb_v5
            self.on_subscribe = self._on_subscribe_cb_v5
        else:
            self.on_connect = self._on_connect_cb_v3x
            self.on_disconnect = self._on_disconnect_cb_v3x
            self.on_subscribe = self._on_subscribe_cb_v3x

    def _generate_event_name(self, event_type: str, qos: int, topic: str) -> str:
        """The name in the statistics; override it to group topics."""
        return _generate_mqtt_event_name(event_type, qos, topic)

    def reconnect(self) -> MQTTErrorCode:
        """Connects; paho also calls this for the first connection.

        Raises:
            OSError: No connection; paho reports it as a failed `connect` where it connects in the background.
        """
        self._connecting_since = time.time()
        try:
            return super().reconnect()
        except OSError as error:
            self._connect_error = error
            raise
        except (ValueError, TypeError) as error:
            # paho's thread would end without a word: a host that is not a name, a TLS context that does not fit.
            self._connect_error = ConnectionError(f"{type(error).__name__}: {error}")
            raise self._connect_error from error

    def publish(
        self,
        topic: str,
        payload: mqtt.PayloadType | None = None,
        qos: int = 0,
        retain: bool = False,
        properties: Properties | None = None,
    ) -> mqtt.MQTTMessageInfo:
        """Publishes a message; see paho's client for the arguments."""
        context = PublishedMessageContext(qos, topic, time.time(), _size(payload))
        with self._noting_early_answers():
            info = super().publish(topic, payload=payload, qos=qos, retain=retain, properties=properties)
            if info.rc != mqtt.MQTT_ERR_SUCCESS:
                self._report_publish(context, _error(info.rc), answered=False)
            elif ("publish", info.mid) in self._early_answers:
                self._report_publish(context, self._early_answers.pop(("publish", info.mid)))
            else:
                self._publish_requests[info.mid] = context
        return info

    def subscribe(
        self,
        topic: str
        | tuple[str, int]
        | tuple[str, SubscribeOptions]
        | list[tuple[str, int]]
        | list[tuple[str, SubscribeOptions]],
        qos: int = 0,
        options: SubscribeOptions | None = None,
        properties: Properties | None = None,
    ) -> tuple[MQTTErrorCode, int | None]:
        """Subscribes; see paho's client for the arguments. A list is reported under its first topic."""
        first: Any = topic[0] if isinstance(topic, list) else topic
        name, level = first if isinstance(first, tuple) else (first, options or qos)
        context = SubscribeContext(level if isinstance(level, int) else level.QoS, name, time.time())
        with self._noting_early_answers():
            result, mid = super().subscribe(topic, qos, options, properties)
            if result != mqtt.MQTT_ERR_SUCCESS or mid is None:
                self._report_subscribe(context, _error(result), answered=False)
            elif ("subscribe", mid) in self._early_answers:
                self._report_subscribe(context, self._early_answers.pop(("subscribe", mid)))
            else:
                self._subscribe_requests[mid] = context
        return result, mid

    def close(self) -> None:
        """Disconnects without a report, and ends the background loop; a connection attempt is given up."""
        self._closing = True
        self.disconnect()
        loop = self._thread
        if loop is not None:
            # `loop_stop` would wait for the loop, which may be pausing before it connects anew, or have no broker that
            # reads.
            self._thread_terminate = True
            loop.join(CLOSING_S)

    @contextmanager
    def _noting_early_answers(self) -> Generator[None]:
        self._calls_in_progress += 1
        try:
            yield
        finally:
            self._calls_in_progress -= 1
            if not self._calls_in_progress:
                self._early_answers.clear()

    def _note_early_answer(self, kind: str, mid: int, exception: Exception | None) -> None:
        if self._calls_in_progress:
            self._early_answers[kind, mid] = exception

    def _on_publish_cb(self, client: mqtt.Client, userdata: Any, mid: int) -> None:
        context = self._publish_requests.pop(mid, None)
        if context is None:
            self._note_early_answer("publish", mid, None)
        else:
            self._report_publish(context, None)

    def _on_subscribe_cb_v3x(self, client: mqtt.Client, userdata: Any, mid: int, granted_qos: Any) -> None:
        self._subscribed(mid, any(granted == SUBACK_FAILURE for granted in granted_qos), granted_qos)

    def _on_subscribe_cb_v5(
        self,
        client: mqtt.Client,
        userdata: Any,
        mid: int,
        reason_codes: list[ReasonCode],
        properties: Properties,
    ) -> None:
        refused = [code for code in reason_codes if code.is_failure]
        self._subscribed(mid, bool(refused), [str(code) for code in refused])

    def _subscribed(self, mid: int, refused: bool, answer: Any) -> None:
        exception = LocustError(f"The broker refused the subscription: {answer}") if refused else None
        context = self._subscribe_requests.pop(mid, None)
        if context is None:
            self._note_early_answer("subscribe", mid, exception)
        else:
            self._report_subscribe(context, exception)

    def _on_connect_cb(self, client: mqtt.Client, userdata: Any, flags: dict[str, int], rc: int | ReasonCode) -> None:
        exception = None if rc == 0 else LocustError(f"The broker refused the connection: {_said(rc)}")
        self._report("connect", self._connecting_since, 0, exception, {})

    def _on_connect_cb_v3x(self, client: mqtt.Client, userdata: Any, flags: dict[str, int], rc: int) -> None:
        self._on_connect_cb(client, userdata, flags, rc)

    def _on_connect_cb_v5(
        self,
        client: mqtt.Client,
        userdata: Any,
        connect_flags: Any,
        reasoncode: ReasonCode,
        properties: Properties | None,
    ) -> None:
        self._on_connect_cb(client, userdata, connect_flags, reasoncode)

    def _on_connect_fail_cb(self, client: mqtt.Client, userdata: Any) -> None:
        exception = LocustError(f"No connection to the broker: {self._connect_error}")
        self._report("connect", self._connecting_since, 0, exception, {})

    def _on_disconnect_cb(self, client: mqtt.Client, userdata: Any, rc: int | ReasonCode) -> None:
        if self._closing:
            return
        exception = None if rc == 0 else LocustError(f"The connection was lost: {_said(rc)}")
        self._report("disconnect", None, 0, exception, {})

    def _on_disconnect_cb_v3x(self, client: mqtt.Client, userdata: Any, rc: int) -> None:
        self._on_disconnect_cb(client, userdata, rc)

    def _on_disconnect_cb_v5(
        self,
        client: mqtt.Client,
        userdata: Any,
        disconnect_flags: Any,
        reasoncode: ReasonCode | None = None,
        properties: Properties | None = None,
    ) -> None:
        # In version 1 of paho's callbacks the code takes the place of the flags.
        self._on_disconnect_cb(client, userdata, disconnect_flags if reasoncode is None else reasoncode)

    def _report_publish(
        self, context: PublishedMessageContext, exception: Exception | None, answered: bool = True
    ) -> None:
        name = self._generate_event_name("publish", context.qos, context.topic)
        since = context.start_time if answered else None
        size = context.payload_size if answered else 0
        self._report(name, since, size, exception, context._asdict())

    def _report_subscribe(self, context: SubscribeContext, exception: Exception | None, answered: bool = True) -> None:
        name = self._generate_event_name("subscribe", context.qos, context.topic)
        since = context.start_time if answered else None
        self._report(name, since, 0, exception, context._asdict())

    def _report(
        self,
        name: str,
        start_time: float | None,
        length_bytes: int,
        exception: Exception | None,
        context: dict[str, Any],
    ) -> None:
        """Fires the event; without a start time the response time is 0."""
        self.environment.events.request.fire(
            request_type=REQUEST_TYPE,
            name=name,
            response_time=0 if start_time is None else (time.time() - start_time) * 1000,
            response_length=length_bytes,
            exception=exception,
            context={"client_id": self._id, **context},
        )

    def _loop(self, timeout: float = 1.0) -> MQTTErrorCode:
        if self._use_loop_selectors or self._is_beyond_select():
            return self._loop_selectors(timeout)
        return super()._loop(timeout)

    def _is_beyond_select(self) -> bool:
        """Whether `select` would refuse one of the sockets, for which paho would connect anew without end."""
        return any(waits is not None and waits.fileno() >= FD_SETSIZE for waits in (self._sock, self._sockpairR))

    def _loop_selectors(self, timeout: float = 1.0) -> MQTTErrorCode:
        """One iteration of paho's loop with a selector, which has no limit on file descriptors."""
        if timeout < 0.0:
            raise ValueError(f"the timeout of the MQTT loop must be 0 or more, but got: {timeout}")
        sock, wake_up = self._sock, self._sockpairR
        if sock is None:
            return mqtt.MQTT_ERR_NO_CONN
        with selectors.DefaultSelector() as selector:
            interest = selectors.EVENT_READ | (selectors.EVENT_WRITE if self.want_write() else 0)
            selector.register(sock, interest)
            if wake_up is not None:
                selector.register(wake_up, selectors.EVENT_READ)
            # Bytes that TLS has already decrypted do not wake the selector.
            pending = getattr(sock, "pending", int)() > 0
            ready = {key.fileobj: mask for key, mask in selector.select(0 if pending else timeout)}

        if pending or ready.get(sock, 0) & selectors.EVENT_READ:
            result = self.loop_read()
            if result or self._sock is None:
                return result
        if wake_up in ready:
            wake_up.recv(10000)
        if self.want_write():
            result = self.loop_write()
            if result or self._sock is None:
                return result
        return self.loop_misc()


def _size(payload: mqtt.PayloadType | None) -> int:
    # paho sends a number as text.
    return len(str(payload) if isinstance(payload, int | float) else payload or b"")


def _error(code: Any) -> LocustError:
    return LocustError(f"{getattr(code, 'name', code)}: {mqtt.error_string(code)}")


def _said(code: Any) -> str:
    return str(getattr(code, "name", None) or code)


class MqttUser(User):
    """A User with an MQTT client, `client`, which connects in the background when the user is created.

    Experimental.
    """

    abstract = True

    host = "localhost"
    """The broker."""

    port = 1883
    transport = "tcp"
    """Or "websockets"."""

    ws_path = "/mqtt"
    """Path of the broker's WebSocket."""

    tls_context: ssl.SSLContext | None = None
    client_cls: type[MqttClient] = MqttClient
    """The client's class; subclass MqttClient to name requests differently."""

    client_id: str | None = None
    username: str | None = None
    password: str | None = None
    protocol: MQTTProtocolVersion = mqtt.MQTTv311
    use_loop_selectors = False
    """Wait with `selectors` instead of `select`; done anyway where there are too many files for `select`."""

    client: MqttClient

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        self.client = self.client_cls(
            environment=environment,
            transport=self.transport,
            client_id=self.client_id,
            protocol=self.protocol,
            use_loop_selectors=self.use_loop_selectors,
        )
        if self.tls_context:
            self.client.tls_set_context(self.tls_context)
        if self.transport == "websockets" and self.ws_path:
            self.client.ws_set_options(path=self.ws_path)
        if self.username and self.password:
            self.client.username_pw_set(username=self.username, password=self.password)
        self.client.connect_async(host=self.host, port=self.port)
        self.client.loop_start()

    def on_stop(self) -> None:
        """Disconnects. A subclass with an `on_stop` of its own calls this one, or the connection outlives the user."""
        self.client.close()
