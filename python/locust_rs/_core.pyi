"""The native half of locust-rs. Written by hand; checked against the module in CI.

Sections follow the binding's files: stats, wire, dispatch, http.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Self, final

from typing_extensions import disjoint_base

__version__: str

# --------------------------------------------------------------------------------------------- stats
# The rows of the statistics. `locust_rs.stats` wraps them: use `StatsEntry`, `StatsError` and `RequestStats`.

def stats_changed() -> None:
    """Makes every recorder re-read the statistics' methods before it counts the next request. Costs nothing."""

def stats_errors_changed() -> None:
    """Makes every recorder look up the rows of the error report again."""

@final
class PreciseMark:
    """A row's precise histogram as it was at some moment, to see later what was counted since."""

@final
class TimesSample:
    """The response times of a kept row, ready to be drawn from. Reading an hour takes half a millisecond."""

    count: int
    """Requests."""
    blocks: int
    """Intervals, or groups of neighbours."""
    times_ms: list[float]
    """The typical time, which is the geometric mean, and the time at each fraction; none without requests."""

    def __new__(cls, intervals: str, most_blocks: int, fractions: Sequence[float]) -> TimesSample:
        """
        Raises:
            ValueError: The intervals are cut off.
        """

def resampled_errors(samples: Sequence[TimesSample], draws: int, seed: bytes) -> list[list[float]]:
    """The standard errors of the logarithms of `times_ms`, of each sample, by a bootstrap over its blocks.

    `seed` is a number, its highest byte first; the draws are those of `random.Random`. Other threads go on meanwhile.
    """

@final
class RequestRecorder:
    """The listener of `environment.events.request` that counts every request, natively if possible.

    If `stats.log_request`, `stats.log_error`, `StatsEntry.log` or `bucket_response_time` has been replaced, it calls
    `stats.log_request` and `stats.log_error` instead. `RequestStats.recorder` creates it.

    From Rust: `record_native(py, method, name, ms, length, error, now)`, about 60 ns.
    """

    evidence: Any
    """Keeps requests and responses; None, or an object with these methods:

    `wants_failure(method, name, error)`: whether to call `keep_failure(error, event)`, with the arguments of the event.
    `keep_slow(error, event)` and `keep_slow_response(method, name, response)`: called for requests that take as long as
    they returned the last time for that row, in milliseconds; at first, and after an assignment, for every request.
    """

    has_groups: bool
    """Whether requests are counted too by the recorders that the greenlet has in `spawn_tree_locals`, as a tuple
    `locust_groups`."""

    def __new__(cls, stats: Any, *, is_group: bool = False) -> RequestRecorder:
        """
        Args:
            stats: The `RequestStats` to count in.
            is_group: Count neither errors nor the distribution of each second.
        """

    def __call__(self, **event: Any) -> None:
        """Counts the request that an event describes.

        Args:
            **event: `request_type`, `name`, `response_time` (ms or None), `response_length` (bytes), optionally
                `exception`; anything else is ignored.

        Raises:
            TypeError: One of the four is missing or of the wrong type; nothing was counted.
            ValueError: The response time is infinite or not a number; nothing was counted.
        """

    def record(
        self,
        method: str,
        name: str,
        response_time_ms: float | None,
        response_length: int,
        exception: BaseException | str | None = None,
        now: float | None = None,
    ) -> None:
        """Counts a request without an event. `now` is when the request ended, in epoch seconds; None: now."""

def native_fire(hook: Any) -> Callable[..., None]:
    """Returns a `fire` for an `EventHook` that is native while a `RequestRecorder` is the only handler of `hook`.

    Otherwise, and for unusual arguments, it calls the `fire` of the hook's class. About 150 ns per request.
    """

@final
class RequestFire:
    """The object to which the function of `native_fire` is bound; cannot be created from Python."""

@disjoint_base
class StatsEntryCore:
    """Counters of one row. Attributes and methods with Locust's names are documented by `StatsEntry`."""

    name: str
    method: str
    num_requests: int
    num_none_requests: int
    num_failures: int
    total_response_time: float
    max_response_time: float
    min_response_time: float | None
    total_content_length: int
    start_time: float
    last_request_timestamp: float | None

    def __new__(cls, *args: Any, **kwargs: Any) -> Self: ...
    @property
    def fail_ratio(self) -> float:
        """Failures per request, 0 to 1; 1 if there were failures but no requests."""

    @property
    def avg_response_time(self) -> float:
        """Milliseconds; 0 without requests that have a response time."""

    @property
    def avg_content_length(self) -> float:
        """Bytes per response."""

    @property
    def median_response_time(self) -> int:
        """The median bucket in ms, limited to the range from minimum to maximum."""

    def get_response_time_percentile(self, percent: float) -> int:
        """The bucket in ms at a fraction (0 to 1) of the requests; 0 without requests."""

    def precise_percentile(self, percent: float) -> float:
        """The response time in ms at a fraction (0 to 1), off by at most 0.5 % or 1 µs; 0 and 1 are exact."""

    def _start(self, name: object, method: object, now: float, window_s: int | None) -> None: ...
    @property
    def _revision(self) -> int: ...
    def _record(self, now: float, response_time: float | None, content_length: float) -> None: ...
    def _record_in(self, now: float, response_time: float, content_length: float, bucket: float) -> None: ...
    def _measure_in(self, response_time: float, bucket: float) -> None: ...
    def _log_time_of_request(self, current_time: float) -> None: ...
    def _record_failure(self, now: float) -> None: ...
    def _reset(self, now: float) -> None: ...
    def _remember(self, second: int) -> None: ...
    def _set_window(self, window_s: int | None) -> None: ...
    def _extend(self, other: StatsEntryCore) -> None: ...
    def _precise_mark(self) -> PreciseMark: ...
    def _precise_since(self, mark: PreciseMark, fractions: Sequence[float]) -> list[float] | None: ...
    def _precise_text(self) -> str: ...
    def _add_precise(self, text: str) -> None: ...
    def _own_parts(self) -> tuple[str, tuple[Any, ...] | None, str, list[int] | None]: ...
    def _add_own_parts(
        self,
        precise: str,
        outcomes: tuple[Any, ...] | None,
        seconds: str,
        phases: Sequence[int] | None = None,
    ) -> None: ...
    @property
    def phases(self) -> dict[str, Any] | None: ...
    def _latencies(self, fractions: Sequence[float], most: int, since_s: float = 0.0) -> str: ...
    def _sides(self, fractions: Sequence[float]) -> list[tuple[int, float, list[float]]]: ...
    def _shift(self, seconds: float) -> None: ...
    def _get_response_times(self) -> dict[int, int]: ...
    def _response_times_up_to(self, bounds_ms: Sequence[float]) -> list[int]:
        """Requests whose response time is up to each of the ascending bounds, and those with any."""
    def _set_response_times(self, counts: dict[int, int]) -> None: ...
    def _get_num_reqs_per_sec(self) -> dict[int, int]: ...
    def _set_num_reqs_per_sec(self, counts: dict[int, int]) -> None: ...
    def _get_num_fail_per_sec(self) -> dict[int, int]: ...
    def _set_num_fail_per_sec(self, counts: dict[int, int]) -> None: ...
    def _get_snapshots(self) -> list[tuple[int, list[tuple[int, int]], int, int]]: ...
    def _set_snapshots(self, kept: list[tuple[int, list[tuple[int, int]], int, int]], window_s: int) -> None: ...
    def _percentiles(self, fractions: Sequence[float]) -> list[int]: ...
    def _current_percentile(self, now: int, percent: float) -> int | None: ...
    def _current_rate(self, last_request: float, start_time: float, failures: bool) -> float: ...

@disjoint_base
class StatsErrorCore:
    """How often and when an error occurred; times in epoch seconds."""

    occurrences: int
    first_seen: float | None
    last_seen: float | None

    def __new__(cls, *args: Any, **kwargs: Any) -> Self: ...
    def _occurred(self, now: float) -> None: ...

def stats_requests_csv(
    rows: Sequence[StatsEntryCore], total: StatsEntryCore, fractions: Sequence[float], precise: bool = False
) -> str:
    """The body of the requests CSV: a line per row, then that of the total. About 3 µs per line.

    With `precise`, the precise median, minimum, maximum and percentiles stand behind the documented columns, then
    those of the successes and of the failures.
    """

def stats_request_rows(
    rows: Sequence[StatsEntryCore], total: StatsEntryCore, fractions: Sequence[float], precise: bool = False
) -> list[list[Any]]:
    """The lines of the requests CSV as lists of cells, for any CSV writer."""

def stats_history_csv(
    rows: Sequence[StatsEntryCore],
    total: StatsEntryCore,
    fractions: Sequence[float],
    timestamp: int,
    user_count: int,
    recent: bool,
    stalled: bool,
) -> str:
    """The history CSV's lines for one moment (epoch second): `rows`, then `total`.

    Args:
        recent: Percentiles of the last seconds instead of the whole run's.
        stalled: Whether requests have stopped, so that the current rates are 0.
    """

def stats_json(
    rows: Sequence[StatsEntryCore], warning: str | None = None, fractions: Sequence[tuple[float, str]] = ...
) -> str:
    """The rows as a JSON list, indented by four spaces; with `warning`, if given, as a field of each row.

    With `fractions` and their names, each row has the fields `precise_response_times`, `succeeded_response_times`
    and `failed_response_times`.
    """

def stats_page_rows(
    rows: Sequence[StatsEntryCore],
    total: StatsEntryCore,
    stalled: bool,
    fractions: Sequence[float],
    names: Sequence[str],
    precise: bool = False,
) -> list[str]:
    """Each row as the JSON object that the web UI shows.

    Args:
        rows: The rows; `total` is not among them unless it is listed.
        total: Has the times of the test's start and last request.
        stalled: Whether requests have stopped, so that the current rates are 0.
        fractions: Percentiles, 0 to 1.
        names: The field names of the percentiles, one each.
    """

# ---------------------------------------------------------------------------------------------- wire
# Statistics between nodes. `locust_rs.stats.distributed` wraps it: use `ReportFiller.pack` on a worker,
# `read_stats_message` and `ReportMerger.merge` on the master.

def check_message(frame: bytes) -> None:
    """Checks that bytes are exactly one well-formed msgpack value, before they are decoded. About 1 ns per byte.

    Raises:
        ValueError: They are not, an announced length exceeds them, or they are nested deeper than 32.
    """

def pack_stats_message(
    rows: Sequence[StatsEntryCore],
    total: StatsEntryCore,
    errors: Sequence[tuple[str, str, str, str, StatsErrorCore]],
    node_id: str,
    user_count: int,
    user_classes_count: dict[str, int],
    now: float,
    extra: dict[str, bytes],
) -> bytes:
    """Packs a worker's `stats` message from the rows with requests or failures, and resets them and the total.

    Args:
        rows: The rows.
        total: The row of all requests.
        errors: (key, name, method, text, row) each.
        node_id: The worker's id.
        user_count: The number of users that run.
        user_classes_count: Their number per class.
        now: Epoch seconds: the new start of the rows, and the time that the master compares with its own clock.
        extra: Further keys, with values that are already packed.
    """

@final
class StatsMessage:
    """A worker's `stats` message, checked against its schema. Its rows do not become Python objects."""

    @staticmethod
    def read(frame: bytes) -> StatsMessage | None:
        """Reads a message. Returns None if it is well-formed but not a `stats` message.

        Raises:
            ValueError: It is malformed, beyond the limits, or a value has the wrong type.
        """

    @property
    def node_id(self) -> str: ...
    @property
    def user_count(self) -> int | None: ...
    @property
    def user_classes_count(self) -> dict[str, int] | None: ...
    @property
    def clock(self) -> float | None:
        """The sender's wall clock when it packed the report, in epoch seconds; None if it does not tell."""

    @property
    def last_request_timestamp(self) -> float | None:
        """The time of the last request by the sender's clock; None without requests since its last report."""

    @property
    def start_time(self) -> float | None:
        """The time when the sender began to count, by its clock."""

    @property
    def num_requests(self) -> int:
        """The number of requests since the sender's last report."""

    def extra(self, key: str) -> bytes | None:
        """The packed value of a key that is not in the schema."""

    def merge(self, recorder: RequestRecorder, shift_s: float) -> None:
        """Adds the report to the statistics of `recorder`, with its times shifted by `shift_s` seconds."""

# ---------------------------------------------------------------------------------------------- http
# The HTTP engine. `locust_rs.engine` wraps it: make clients with `engine.transport.make_client`.

def http_engine_available() -> bool:
    """Whether this platform has a pollable descriptor (epoll or kqueue). False: `HttpEngine` cannot be made."""

def http_after_fork() -> None:
    """Called in the child after a fork: engines made before it are abandoned, clients make new connections."""

def http_tell_unsampled(flags: int) -> None:
    """From now on each request that has no `traceparent` header gets one with these flags, and ids drawn at random."""

@final
class HttpEngine:
    """The sockets, the poller and the deadlines of one hub. Made by `engine.hub`, one per thread and process.

    Args:
        hub: The hub's greenlet; waiting greenlets switch to it.
        hold: Called with True when a request begins to wait and with False when none is left, so that the
            watcher counts for the loop only while someone waits.
        arm: Called with the seconds until the nearest deadline, when it is nearer than the armed one.
        soon: Called when the hub should call `dispatch` at its next turn, though no socket is ready.
    """

    def __new__(
        cls,
        hub: object,
        hold: Callable[[bool], object],
        arm: Callable[[float], object],
        soon: Callable[[], object],
    ) -> HttpEngine: ...
    def fileno(self) -> int:
        """The poller's descriptor: readable when `dispatch` has something to do."""

    def dispatch(self) -> None:
        """Reads every ready socket and switches to each greenlet whose request is finished. For the hub only."""

    def expire(self) -> None:
        """Ends the requests whose deadline has passed, switches to their greenlets and arms the timer again."""

    def close(self) -> None:
        """Closes every connection; waiting requests fail with ConnectionAbortedError at the hub's next turn."""

    @property
    def open_connections(self) -> int:
        """Sockets that are open: connecting, busy or idle."""

    @property
    def waiting_requests(self) -> int:
        """Requests that a greenlet waits for."""

    def waiting_greenlets(self) -> list[Any]:
        """The greenlets that wait for a request."""

def json_text(object: Any, /) -> str | None:
    """What `json.dumps(object)` returns, for ordinary objects: texts, numbers, booleans, None, lists, tuples, and
    dictionaries with texts as keys; none of a subclass, no NaN or infinity.

    None for any other object, and while somebody has replaced a part of `json`.
    """

@final
class PathRules:
    """Which paths a client library sends as they are.

    By all rules a plain path begins with exactly one `/`, has no fragment, no `%` and no character that is quoted, and
    its query is not empty. requests normalises dot segments and geventhttpclient splits parameters (`;`) off the path,
    so these are not plain by their rules.
    """

    REQUESTS: PathRules
    GEVENTHTTPCLIENT: PathRules
    def is_plain(self, path: str, /) -> bool:
        """Whether `path`, with its query, is sent as it is. Costs about 60 ns."""

@final
class HttpTls:
    """Settings of TLS, prepared once and shared by any number of clients (sessions are resumed among them).

    Args:
        verify: False accepts any certificate (as `insecure=True` does).
        ca_file: PEM bundle that is trusted; needed when `verify` is True.
        cert_file: PEM chain of the client's certificate, with the key in it unless `key_file` is given.
        key_file: PEM key of the client's certificate.
        check_hostname: False verifies the chain only.

    Raises:
        OSError: A file cannot be read.
        ValueError: A file holds no certificate or no key, or they do not belong together.
    """

    def __new__(
        cls,
        *,
        verify: bool = False,
        ca_file: str | None = None,
        cert_file: str | None = None,
        key_file: str | None = None,
        check_hostname: bool = True,
    ) -> HttpTls: ...

@final
class HeaderLines:
    r"""Headers that are checked once and sent many times.

    Args:
        headers: Pairs, or the bytes of a finished block (`Name: value\r\n` …).

    Raises:
        ValueError: One of them cannot be put on the wire.
    """

    def __new__(cls, headers: Sequence[tuple[str, str]] | bytes) -> HeaderLines: ...
    @property
    def block(self) -> bytes:
        """The lines as they are sent."""

@final
class HttpClient:
    """What the requests of one session share: connections, header block, timeouts. Cheap to make; no I/O.

    Usable from every greenlet, hub and process: in another thread, or after a fork, a client starts without
    connections.

    Args:
        base_url: `scheme://host[:port][/path]`, put before every URL that starts with `/`; None: only absolute
            URLs. Without credentials; those belong in the headers.
        headers: The headers of every request in the order of the wire.
        host_first: Place of the `Host` header, unless `headers` has one: first, or after the cookies.
        concurrency: Most connections to one origin; further requests wait their turn. 0: no limit.
        connect_timeout: Seconds for the TCP connect to one address and for the TLS handshake. None: no limit.
        network_timeout: Seconds in which a busy connection must move at least one byte. None: no limit.
        tls: For https; None accepts any certificate.
        proxy: `http://[user:password@]host:port`. http goes through it in absolute form, https by CONNECT.
        source_address: Local (address, port) of the connections; port 0: any.
        response_class: `HttpResponse` (None) or a subclass; made without calling `__init__`.
        shared: Another client, whose connections are used; both should have the same settings.
        lenient_lengths: True takes a Content-Length that is not a number for a missing one, as `http.client` does: the
            body ends when the server closes. False raises ProtocolError.
        attach: Returns the `HttpEngine` of the current hub (`http.engine.hub.current_engine`).
        resolve: `(host, port) -> [(ip, port), …]`, called for new connections only; may switch greenlets.
    """

    def __new__(
        cls,
        *,
        base_url: str | None = None,
        headers: Sequence[tuple[str, str]] | None = None,
        host_first: bool = False,
        concurrency: int = 10,
        connect_timeout: float | None = 60.0,
        network_timeout: float | None = 60.0,
        tls: HttpTls | None = None,
        proxy: str | None = None,
        source_address: tuple[str, int] | None = None,
        response_class: type[HttpResponse] | None = None,
        shared: HttpClient | None = None,
        lenient_lengths: bool = False,
        attach: Callable[[], HttpEngine],
        resolve: Callable[[str, int], list[tuple[str, int]]],
    ) -> HttpClient: ...
    def get(self, url: str, lines: HeaderLines | None = None, name: str | None = None, record: bool = True) -> Any:
        """As `send_directly`, for a GET."""

    def send_directly(
        self,
        method: str,
        url: str,
        lines: HeaderLines | None = None,
        name: str | None = None,
        record: bool = True,
        *,
        body: bytes | None = None,
        last: HeaderLines | None = None,
        timeouts: tuple[float | None, float | None] | None = None,
    ) -> Any:
        """Sends a GET, POST, PUT or PATCH below the base URL, with the cookies of `set_cookie`.

        Args:
            lines: Its headers; None: the client's.
            name: What the statistics call it; None: `url`.
            record: Record natively where possible.
            body: None: there is none, and nothing is said about its length.
            last: Headers behind the length of the body.
            timeouts: Seconds for connecting and for silence; None: the client's.

        Returns:
            A `response_class` object whose `recorded` tells whether the statistics have it already. None if the caller
            must prepare the request and call `send`: `url` is not a plain path by the rules of both client libraries
            (see `PathRules`), the client has no base URL, or it has a proxy.

        Raises:
            As `send`.
        """

    def send(
        self,
        method: str,
        url: str,
        headers: HeaderLines | Sequence[tuple[str, str]] | bytes | None = None,
        body: bytes | bytearray | memoryview | Iterable[bytes] | None = None,
        *,
        extra: bytes | None = None,
        cookie: str | bytes | None = None,
        name: str | None = None,
        stream: bool = False,
        framed: bool = False,
        record: bool = False,
        connect_timeout: float | None = ...,
        network_timeout: float | None = ...,
    ) -> Any:
        r"""Sends one request and waits for its response, in the current greenlet. Follows no redirect.

        Args:
            method: A token, sent as it is given.
            url: Absolute (`http://`, `https://`) or a path beginning with `/`. It must be quoted already: ASCII without
                blanks. A fragment is not sent.
            headers: None: the client's. `HeaderLines`, a sequence, or the bytes of a finished block
                (`Name: value\r\n` …): exactly these. `Host`, `Content-Length` (or `Transfer-Encoding: chunked` for
                an iterable) and `Cookie` are added where they are missing and apply.
            body: Bytes, or an iterable of bytes that is pulled as the socket takes them. Files: pass an iterator
                and a Content-Length.
            extra: A finished header block that goes after the others.
            cookie: Value of the Cookie header. None: that of `set_cookie`; "" sends none.
            name: What the statistics call it; None: `url`.
            stream: Return when the header is there; the body is read by `HttpResponse.read`.
            framed: Leave the chunks of the body framed as they came, and malformed ones to whoever reads them.
            record: Record natively when that is possible (see `record_to`) and nothing is unusual: status 200–208,
                226 or 304, and a body that could be decoded. Look at `HttpResponse.recorded`.
            connect_timeout: Overrides the client's (None: no limit; omitted: the client's).
            network_timeout: Overrides the client's in the same way.

        Raises:
            ValueError: A part cannot be put on the wire (line break in a header, blank in the URL, …).
            OSError: Connect, send or receive failed: the subclass of the errno, for example
                ConnectionRefusedError, ConnectionResetError, or what `resolve` raised (socket.gaierror).
            locust_rs.http.engine.errors.ConnectTimeout, NetworkTimeout: Subclasses of TimeoutError.
            locust_rs.http.engine.errors.ServerClosed: The server closed before the response was complete.
            locust_rs.http.engine.errors.ProtocolError: The answer is not an HTTP/1.x response.
            locust_rs.http.engine.errors.TlsError, CertificateError: Subclasses of ssl.SSLError.
            locust_rs.http.engine.errors.ProxyError: The proxy refused the tunnel; `.status_code`.
            Each of them carries `response_time_ms`, `start_time` and `phase`
            ("resolve", "connect", "proxy", "tls", "send", "receive"), and `response`, with the body so far, if the
            header of the response had arrived. Every failure of a handshake is an OSError of the phase "tls".
        """

    def set_headers(self, headers: Sequence[tuple[str, str]]) -> None:
        """Replaces the headers of every request."""

    def set_base_url(self, base_url: str | None) -> None:
        """Replaces the base URL and drops the cookies of `set_cookie`."""

    def set_cookie(self, cookie: str | bytes | None) -> None:
        """Sets the value of the Cookie header of every request to the base URL's origin; None: no such header."""

    def record_to(self, event: dict[str, Any] | None, recorder: RequestRecorder | None) -> None:
        """Sets the statistics that record requests natively, as long as they are the only listener (checked each time).

        Args:
            event: The attributes of the request event (`vars(events.request)`): its `_handlers` must be
                `[recorder]`, and its `fire`, if there is one, native.
            recorder: The built-in listener.
        """

    def close_idle(self) -> None:
        """Closes the idle connections; busy ones are closed when their response is complete."""

    @property
    def open_connections(self) -> int:
        """Connections of this client's pool on the current hub."""

@disjoint_base
class HttpResponse:
    """One response. Native and lazy: what is not touched is not made. May be subclassed.

    Calling a subclass from Python makes an empty response (status 0), whatever the arguments.
    """

    _session: Any
    """The session that sent the request; None until it is set."""
    _sent: Any
    """What the session keeps of the request; None until it is set."""

    def __new__(cls, *args: object, **kwargs: object) -> Self: ...
    def __init__(self, *_args: object, **_kwargs: object) -> None: ...
    @property
    def status_code(self) -> int: ...
    @property
    def reason(self) -> str: ...
    @property
    def http_version(self) -> str:
        """`1.0` or `1.1`."""

    @property
    def recorded(self) -> bool:
        """Whether the statistics have it already."""

    @property
    def settled(self) -> bool:
        """Whether it is recorded and sets no cookies, so that the session has nothing left to do."""

    @property
    def recordable(self) -> bool:
        """Whether `record` would record it now, and nothing else is left to be done for it."""

    def record(self) -> bool:
        """Records a success natively, unless that was done or somebody else listens to the event too.

        Returns:
            Whether it did.
        """

    @property
    def streamed(self) -> bool:
        """Whether its body was left to whoever reads it (`stream`)."""

    @property
    def ordinary(self) -> bool:
        """Whether nothing about it asks for more work: no redirect (or other status 3xx), no cookies, no stream, and a
        body that can be read.
        """

    @property
    def method(self) -> str: ...
    @property
    def url(self) -> str:
        """The URL that was requested, absolute."""

    @property
    def name(self) -> str: ...
    @property
    def header_list(self) -> list[tuple[str, str]]:
        """Every header field in order, names as sent, values decoded as latin-1.

        As http.client shows them: blanks before a value are not part of it, those behind it are; folded lines are
        joined with one space each.
        """

    def header(self, name: str) -> str | None:
        """The first header of that name (case does not matter), without making the others."""

    @property
    def sets_cookies(self) -> bool:
        """Whether there is a Set-Cookie header. Costs nothing."""

    @property
    def content(self) -> bytes:
        """The body, decoded (gzip, deflate, br, zstd). Made once. Streams are read to their end.

        Raises:
            locust_rs.http.engine.errors.DecodingError: The body cannot be decoded or is larger than the limit;
                `response` is this one.
            OSError: As `HttpClient.send`, for streams; `response` is this one.
        """

    def declared_text(self) -> tuple[str, str] | None:
        """The body as text, and the encoding that its header declares.

        Returns:
            None if the header declares no encoding, or another one than UTF-8 and Latin-1, if the body is not all here,
            or if it is not encoded as declared.
        """

    @property
    def raw_content(self) -> bytes:
        """The body as it was sent, without the transfer encoding. Streams: what has not been read yet."""

    @property
    def content_length(self) -> int:
        """Length of `content` in bytes. A body that cannot be decoded counts as it was sent."""

    @property
    def streaming(self) -> bool:
        """Whether the body is still on the wire."""

    def read(self, size: int = -1, decode: bool = True) -> bytes:
        """Reads up to `size` bytes of a stream (at least one, unless it is at its end: b""); -1: all that remains.

        Waits in the current greenlet; nothing is read from the socket before it is asked for (up to 64 KiB).
        """

    def take_body(self) -> HttpResponse:
        """The same response with what is left of the body, to be read raw; this one has it no longer."""

    def close(self) -> None:
        """Ends a stream; its connection is closed unless the body was read to the end."""

    @property
    def response_time_ms(self) -> float:
        """From the start of the request until its last byte (stream: until the header was complete)."""

    @property
    def start_time(self) -> float:
        """When the request began, in seconds since the epoch."""

    @property
    def timings_ms(self) -> dict[str, float | None]:
        """Milliseconds after the start at which each phase ended; None: the phase did not occur.

        Keys: `queued` (connection granted), `resolved`, `connected`, `tls`, `sent`, `first_byte`, `last_byte`.
        """

    @property
    def reused(self) -> bool:
        """Whether the connection had served an earlier request."""

    @property
    def retried(self) -> bool:
        """Whether it was sent twice because the first connection was stale."""

    @property
    def remote_address(self) -> tuple[str, int] | None: ...
    @property
    def local_address(self) -> tuple[str, int] | None: ...

@disjoint_base
class DirectCalls:
    """Methods of a session that send ordinary requests without running Python between the task and the engine.

    Subclasses define `request`, `_prepare_direct` and `_finish_direct`. While direct calls are enabled, a call with a
    plain path goes to the engine if its headers are known, and its keywords are only `name`, `headers`,
    `catch_response`, `stream`, `params` (texts and integers), `json`, and `data` (text or bytes with a Content-Type of
    its own). Its response is returned if it is settled; and if a with-block reports it of which only the statistics
    want to know, as a `catching`. Otherwise
    `self._finish_direct(method, url, outcome, elapsed_s, sent, name, catch_response, stream)` is called with the
    response or the exception and the seconds since the request began. Every other call becomes
    `self.request(method, url, **kwargs)`.
    """

    def __new__(cls, *args: object, **kwargs: object) -> Self: ...
    def __init__(self, *_args: object, **_kwargs: object) -> None: ...
    def get(self, url: str, **kwargs: Any) -> Any:
        """Sends a GET request"""

    def post(self, url: str, data: Any = None, json: Any = None, **kwargs: Any) -> Any:
        """Sends a POST request"""

    def put(self, url: str, data: Any = None, **kwargs: Any) -> Any:
        """Sends a PUT request"""

    def patch(self, url: str, data: Any = None, **kwargs: Any) -> Any:
        """Sends a PATCH request"""

    def _open_direct(
        self,
        client: HttpClient,
        sent: Any,
        known_headers: dict[Any, Any],
        known_with_json: dict[Any, Any],
        request: Callable[..., Any],
        catching: type,
        watch: DictWatch,
        version: int,
    ) -> None:
        """Enables direct calls through `client`, as long as `type(self).request` is `request`.

        Once `watch.version()` is not `version` any more, the next call is preceded by `self._prepare_direct()`.

        Args:
            sent: Becomes `_sent` of the responses of plain GETs, as the session becomes `_session`: complete headers,
                body, other keywords. Sessions that send the same should pass the same object, so that it stays in the
                processor's cache.
            known_headers: For the `headers` of calls: `tuple(headers.items())` leads to their `HeaderLines`, the `sent`
                of a GET with them, the complete headers, and whether there is a Content-Type among them.
            known_with_json: The same for calls whose body is JSON.
        """

    def _close_direct(self) -> None:
        """Disables direct calls: each becomes a `request`."""

    def _forget_direct(self) -> None:
        """Makes the next call begin with `self._prepare_direct()`, which enables or disables direct calls."""

# -------------------------------------------------------------------------------------------- watch

@final
class DictWatch:
    """Tells whether dictionaries, lists or sets have changed, without looking into dictionaries.

    Of a list it compares the length and the first two items by identity, of a set its size. What it watches lives as
    long as it does.

    Args:
        dicts: As a module or a class has for its names, for example.
    """

    def __new__(cls, dicts: list[Any], lists: list[list[Any]], sets: list[set[Any]]) -> DictWatch: ...
    @property
    def sees_dicts(self) -> bool:
        """Whether this interpreter tells changes of dictionaries; CPython on Unix and CPython 3.11 do."""

    def version(self) -> int:
        """A number that is another one after each change."""

# ----------------------------------------------------------------------------------------- lateness
# How long responses had waited in their sockets when the generator noticed them; known on Linux only.

def take_engine_lateness() -> tuple[int, int, float, float]:
    """What the engines of this thread have read since the last call.

    Returns:
        Responses; those whose waiting time is known, which are some of them where there are many; the sum of these
        times; and by how much connects and TLS handshakes were noticed late in all. Times in milliseconds.
    """

def take_socket_lateness() -> tuple[int, int, int, float]:
    """What Python's clients have recorded since the last call.

    Returns:
        Requests; those that were followed, which are some of them where there are many; those of the followed in
        which a socket was waited for; and the sum of what these waits were too long, in milliseconds.
    """

def socket_wait_begins(fd: int) -> int:
    """The current greenlet is about to wait for a socket (-1: one that isn't known yet). 0: it is not followed."""

def socket_wait_ended(fd: int, begun: int, reads: bool) -> None:
    """The wait is over that began at `begun`, as `socket_wait_begins` said, for reading or for a connect."""

def turn_ended(begun: int) -> None:
    """The same for a wait that was for nothing but the event loop's turn: all of it is lateness."""

# ------------------------------------------------------------------------------------------ dispatch, envelope

@final
class WeightedTurns:
    """Endless iterator over indices of `weights`: every prefix is as close to the weights as whole turns allow."""

    def __new__(cls, weights: list[float]) -> WeightedTurns: ...
    def __iter__(self) -> WeightedTurns: ...
    def __next__(self) -> int: ...

@final
class DispatchPlan:
    """How many users of each class run on each worker; classes and workers are identified by index.

    Weights hold among the users that were added since the spawnable classes last changed.

    A step returns the cells that changed, as `(worker, class, additional users)`, each cell once.
    """

    def __new__(cls) -> DispatchPlan: ...
    def add_class(self, weight: float, fixed_count: int) -> int:
        """Adds a class and returns its index. Among equal classes, earlier ones come first."""

    def set_class(self, index: int, weight: float, fixed_count: int, spawnable: bool) -> None:
        """Changes the weight and fixed count of a class, and whether new users may be of it.

        Raises:
            IndexError: The class was never added.
        """

    def add_worker(self) -> int:
        """Adds a worker without users, last in rank, and returns its index."""

    def rank_workers(self, order: list[int]) -> None:
        """Ranks the workers: among equally loaded ones the first is filled first and emptied last."""

    def remove_worker(self, index: int) -> None:
        """Removes a worker. Its users get another with `spread_anew`; its index is not used again."""

    def set_users(self, worker: int, class_index: int, count: int) -> None:
        """Sets the number of users of a class that a worker already runs."""

    def user_count(self) -> int: ...
    def class_count(self, index: int) -> int: ...
    def add_users(self, count: int) -> list[tuple[int, int, int]]:
        """Starts up to `count` users: missing fixed ones first, then by weight, on the emptiest workers.

        Cost: O(workers + count * (classes + log workers)).
        """

    def add_user_of(self, class_index: int) -> list[tuple[int, int, int]]:
        """Starts one user of a class on the emptiest worker, whatever the weights say.

        Raises:
            IndexError: The class was never added.
        """

    def remove_users(self, count: int) -> list[tuple[int, int, int]]:
        """Stops up to `count` users; the exact inverse of `add_users`."""

    def spread_anew(self) -> list[tuple[int, int, int]]:
        """Gives users of lost workers to others, then moves users until no worker has two more than another."""

def open_envelope(message: bytes, max_elements: int) -> tuple[str, int, int, str | None]:
    """Checks the msgpack array `[type, data, node_id]` of a received message before anything is decoded.

    Returns:
        Type, begin and end of the packed data within `message`, node_id (None if it was nil).

    Raises:
        ValueError: It is truncated, nested too deeply, too large or of another form; the text says which.
        Cost: one pass over the bytes, without allocation.
    """

# --------------------------------------------------------------------------------------------- pulse

@final
class Pulse:
    """Sends a message to a ZeroMQ peer repeatedly while the event loop of this process is blocked.

    A thread that does not need the interpreter watches the loop, until the object is deleted.

    Args:
        host: The peer's name or address.
        port: Its port.
        identity: ZeroMQ identity of the connection.
        message: What is sent.
        stalled_after_s: For how many seconds `loop_is_alive` may not be called.
        interval_s: Seconds between two messages.

    Raises:
        ValueError: A time is negative or not finite.
        OSError: The system gives no thread.
    """

    def __new__(
        cls, host: str, port: int, identity: bytes, message: bytes, stalled_after_s: float, interval_s: float
    ) -> Pulse: ...
    def loop_is_alive(self) -> None:
        """The event loop runs."""

# ------------------------------------------------------------------------------------------- snapshot

@final
class Snapshot:
    """Tells whether objects still are what they were when it was made, by comparing the identity of their parts.

    Args:
        watch: Has to have this `version` still.
        dicts: Dictionaries, and instances of its subclasses: keys, order and values.
        lists: Their items.
        attributes: Objects and the names of attributes, whose values are compared.
        ignored: Keys of the dictionaries whose values may change.

    Raises:
        AttributeError: An object lacks an attribute.
    """

    def __new__(
        cls,
        watch: DictWatch,
        version: int,
        dicts: list[dict[Any, Any]],
        lists: list[list[Any]],
        attributes: list[tuple[object, str]],
        ignored: frozenset[Any],
    ) -> Snapshot: ...
    def holds(self) -> bool:
        """Whether nothing has changed; about 0.3 µs for 50 parts."""
