//! Whatever a call and its session say, the composed head is one request that says the same.

use locust_http::proxy::Proxy;
use locust_http::request::HeaderBlock;
use locust_http::request::composition::{BodyLength, Call, Defaults, Destination};
use locust_http::url::BaseUrl;
use proptest::prelude::*;

/// A call and its session, owned.
#[derive(Clone, Debug)]
struct Case {
    base: Option<String>,
    url: String,
    headers: Vec<(String, String)>,
    own_headers: Option<Vec<(String, String)>>,
    extra: Vec<(String, String)>,
    session_cookie: String,
    cookie: Option<String>,
    host_first: bool,
    proxy: bool,
    body: BodyLength,
}

/// What a server makes of a head.
struct Parsed {
    method: String,
    target: String,
    fields: Vec<(String, String)>,
}

impl Parsed {
    fn values(&self, name: &str) -> Vec<&str> {
        let matching = |field: &&(String, String)| field.0.eq_ignore_ascii_case(name);
        let fields = self.fields.iter().filter(matching);
        fields.map(|(_, value)| value.as_str()).collect()
    }
}

fn parsed(head: &[u8]) -> Parsed {
    let mut lines = [httparse::EMPTY_HEADER; 32];
    let mut request = httparse::Request::new(&mut lines);
    let status = request.parse(head).expect("a request");
    assert_eq!(status, httparse::Status::Complete(head.len()));
    Parsed {
        method: request.method.expect("parsed").to_owned(),
        target: request.path.expect("parsed").to_owned(),
        fields: request
            .headers
            .iter()
            .map(|line| {
                let value = String::from_utf8_lossy(line.value).into_owned();
                (line.name.to_owned(), value)
            })
            .collect(),
    }
}

fn block(pairs: &[(String, String)]) -> HeaderBlock {
    let pairs = pairs
        .iter()
        .map(|(name, value)| (name.as_bytes(), value.as_bytes()));
    HeaderBlock::from_pairs(pairs).expect("valid")
}

/// Composes a GET; None if there is nowhere to send it.
fn composed(case: &Case) -> Option<(Parsed, bool)> {
    let base = case
        .base
        .as_deref()
        .map(|url| BaseUrl::parse(url).expect("valid"));
    let proxy = case
        .proxy
        .then(|| Proxy::parse("http://user:secret@proxy:3128").expect("valid"));
    let (headers, extra) = (block(&case.headers), block(&case.extra));
    let own = case.own_headers.as_deref().map(block);
    let destination = Destination::parse(&case.url).expect("valid");
    let call = Call {
        method: "GET",
        destination: &destination,
        headers: own.as_ref(),
        extra: &extra,
        cookie: case.cookie.as_deref().map(str::as_bytes),
        body: case.body,
    };
    let composed = call.compose(&Defaults {
        base: base.as_ref(),
        headers: &headers,
        cookie: case.session_cookie.as_bytes(),
        host_first: case.host_first,
        proxy: proxy.as_ref(),
    })?;
    let mut head = Vec::new();
    composed.write(&mut head);
    Some((parsed(&head), composed.is_chunked))
}

fn headers() -> impl Strategy<Value = Vec<(String, String)>> {
    let name = prop_oneof![
        Just("Host"),
        Just("cookie"),
        Just("Content-Length"),
        Just("Transfer-Encoding"),
        Just("Accept"),
        Just("X-A")
    ];
    prop::collection::vec((name.prop_map(str::to_owned), "[a-z0-9]{1,4}"), 0..3)
}

fn cases() -> impl Strategy<Value = Case> {
    let base = prop::option::of(prop_oneof![
        Just("http://one".to_owned()),
        Just("http://one:8080/v1/".to_owned()),
        Just("https://one/v1".to_owned())
    ]);
    let url = prop_oneof![
        "/[a-z?=]{0,6}(#x)?",
        "http://(one|two)(:8080)?(/[a-z]{0,3})?(\\?q)?(#x)?",
        "https://one(/[a-z]{0,3})?"
    ];
    let body = prop_oneof![
        Just(BodyLength::NoBody),
        Just(BodyLength::Unknown),
        (0..2000_usize).prop_map(BodyLength::Known)
    ];
    let fields = (headers(), prop::option::of(headers()), headers());
    let cookies = ("([a-z]=1)?", prop::option::of("([a-z]=2)?"));
    let settings = (any::<bool>(), any::<bool>(), body);
    (base, url, fields, cookies, settings).prop_map(
        |(base, url, (headers, own_headers, extra), (session_cookie, cookie), settings)| Case {
            base,
            url,
            headers,
            own_headers,
            extra,
            session_cookie,
            cookie,
            host_first: settings.0,
            proxy: settings.1,
            body: settings.2,
        },
    )
}

/// `scheme://authority` and path of where the case leads, in the simplest terms.
fn expected_place(case: &Case) -> (String, String) {
    let absolute = if case.url.starts_with('/') {
        let base = case.base.as_deref().expect("composed");
        format!("{}{}", base.trim_end_matches('/'), case.url)
    } else {
        case.url.clone()
    };
    let absolute = absolute.split('#').next().expect("a first part").to_owned();
    let start = absolute.find("//").expect("absolute") + 2;
    let end = absolute[start..]
        .find(['/', '?'])
        .map_or(absolute.len(), |at| start + at);
    let (origin, path) = absolute.split_at(end);
    let slash = if path.starts_with('/') { "" } else { "/" };
    (origin.to_owned(), format!("{slash}{path}"))
}

fn brings(case: &Case, names: &[&str]) -> bool {
    let headers = case.own_headers.as_ref().unwrap_or(&case.headers);
    headers
        .iter()
        .chain(&case.extra)
        .any(|(name, _)| names.iter().any(|known| known.eq_ignore_ascii_case(name)))
}

proptest! {
    #[test]
    fn the_head_says_what_the_call_says(case in cases()) {
        let Some((head, is_chunked)) = composed(&case) else {
            prop_assert!(case.url.starts_with('/') && case.base.is_none());
            return Ok(());
        };
        let (origin, path) = expected_place(&case);
        let (scheme, authority) = origin.split_once("://").expect("absolute");
        let by_proxy = case.proxy && scheme == "http";
        prop_assert_eq!(&head.method, "GET");
        let target = if by_proxy { format!("{origin}{path}") } else { path };
        prop_assert_eq!(&head.target, &target);
        if !brings(&case, &["host"]) {
            prop_assert_eq!(head.values("host"), [authority]);
        }
        let authorization = head.values("proxy-authorization");
        prop_assert_eq!(authorization, if by_proxy { vec!["Basic dXNlcjpzZWNyZXQ="] } else { vec![] });
        if !brings(&case, &["cookie"]) {
            let base_origin = case.base.as_deref().map(|base| {
                base.splitn(4, '/').take(3).collect::<Vec<_>>().join("/")
            });
            let is_to_base = base_origin.as_deref() == Some(&origin);
            let session_cookie = if is_to_base { case.session_cookie.as_str() } else { "" };
            let cookie = case.cookie.as_deref().unwrap_or(session_cookie);
            prop_assert_eq!(head.values("cookie").join(","), cookie);
        }
        if !brings(&case, &["content-length", "transfer-encoding"]) {
            let (length, coding) = match case.body {
                BodyLength::NoBody => (vec![], vec![]),
                BodyLength::Known(length) => (vec![length.to_string()], vec![]),
                BodyLength::Unknown => (vec![], vec!["chunked"]),
            };
            prop_assert_eq!(head.values("content-length"), length);
            prop_assert_eq!(head.values("transfer-encoding"), coding);
            prop_assert_eq!(is_chunked, case.body == BodyLength::Unknown);
        }
    }

    #[test]
    fn the_tail_completes_a_get(case in cases(), path in "/[a-z]{0,6}") {
        let case = Case {
            url: path.clone(),
            own_headers: None,
            extra: Vec::new(),
            cookie: None,
            body: BodyLength::NoBody,
            ..case
        };
        let base = case.base.as_deref().map(|url| BaseUrl::parse(url).expect("valid"));
        let proxy = case.proxy.then(|| Proxy::parse("http://proxy").expect("valid"));
        let headers = block(&case.headers);
        let tail = Defaults {
            base: base.as_ref(),
            headers: &headers,
            cookie: case.session_cookie.as_bytes(),
            host_first: case.host_first,
            proxy: proxy.as_ref(),
        }
        .tail_of_get();
        prop_assert_eq!(tail.is_some(), base.is_some() && proxy.is_none());
        if let (Some(tail), Some(base)) = (tail, &base) {
            let whole = composed(&case).expect("there is a base URL").0;
            let bytes = [format!("GET {}{path}", base.path).as_bytes(), &tail].concat();
            let with_tail = parsed(&bytes);
            prop_assert_eq!(with_tail.target, whole.target);
            prop_assert_eq!(with_tail.fields, whole.fields);
        }
    }
}

#[test]
fn the_order_of_the_wire_is_kept() {
    let base = BaseUrl::parse("http://host:8080/v1").expect("valid");
    let headers = HeaderBlock::from_bytes(b"A: 1\r\n").expect("valid");
    let extra = HeaderBlock::from_bytes(b"B: 2\r\n").expect("valid");
    let destination = Destination::parse("/x?y#z").expect("valid");
    let call = Call {
        method: "POST",
        destination: &destination,
        headers: None,
        extra: &extra,
        cookie: Some(b"c=3"),
        body: BodyLength::Known(4),
    };
    for (host_first, expected) in [
        (true, "Host: host:8080\r\nA: 1\r\nB: 2\r\nCookie: c=3\r\n"),
        (false, "A: 1\r\nB: 2\r\nCookie: c=3\r\nHost: host:8080\r\n"),
    ] {
        let mut head = Vec::new();
        let defaults = Defaults {
            base: Some(&base),
            headers: &headers,
            cookie: b"",
            host_first,
            proxy: None,
        };
        call.compose(&defaults)
            .expect("there is a base URL")
            .write(&mut head);
        let expected = format!("POST /v1/x?y HTTP/1.1\r\n{expected}Content-Length: 4\r\n\r\n");
        assert_eq!(String::from_utf8_lossy(&head), expected);
    }
}
