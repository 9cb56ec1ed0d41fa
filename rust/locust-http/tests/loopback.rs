//! The engine against real sockets of this machine, driven the way a caller drives it.
#![cfg(unix)]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread::{self, JoinHandle};

use locust_http::clock::now_ns;
use locust_http::engine::{Engine, Finished, PoolKey, RequestKey, Step, StreamStep, Submission};
use locust_http::error::{Error, Phase};
use locust_http::head::Lengths;
use locust_http::pool::PoolSettings;
use locust_http::url;

const HELLO: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
const SECOND: u64 = 1_000_000_000;

/// A server that serves its connections one after the other with `serve`.
fn server(
    connections: usize,
    serve: impl Fn(usize, TcpStream) + Send + 'static,
) -> (SocketAddr, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("bound");
    let thread = thread::spawn(move || {
        for number in 0..connections {
            let (connection, _) = listener.accept().expect("a connection");
            serve(number, connection);
        }
    });
    (address, thread)
}

/// Reads one request without a body; false at the end.
fn read_request(connection: &mut TcpStream) -> bool {
    let mut received = Vec::new();
    let mut byte = [0];
    while !received.ends_with(b"\r\n\r\n") {
        match connection.read(&mut byte) {
            Ok(1) => received.push(byte[0]),
            _ => return false,
        }
    }
    true
}

fn pool(engine: &mut Engine, concurrency: usize) -> PoolKey {
    engine.add_pool(PoolSettings {
        concurrency,
        ..PoolSettings::default()
    })
}

fn get(engine: &mut Engine, pool: PoolKey, address: SocketAddr) -> Submission {
    let origin = url::parse(&format!("http://{address}/"))
        .expect("a URL")
        .origin;
    let site = engine.site(pool, &origin, 0).expect("the pool exists");
    let mut head = engine.buffer();
    head.extend_from_slice(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    Submission {
        pool,
        site,
        head,
        body: None,
        upload: false,
        answers_head: false,
        lengths: Lengths::Strict,
        idempotent: true,
        closes: false,
        stream: false,
        framed: false,
        connect_timeout: 20 * SECOND,
        network_timeout: 20 * SECOND,
        start: now_ns(),
    }
}

/// Does for `key` what the engine asks for, until it is done.
fn finish(engine: &mut Engine, key: RequestKey, address: SocketAddr) -> Finished {
    loop {
        match engine.step(key) {
            Step::Done => return engine.take(key).expect("a result"),
            Step::Connect => engine.connect(key, vec![address]),
            Step::Feed => panic!("no body was promised"),
            Step::Wait => {
                engine.poll(100).expect("the poller works");
                engine.expire().expect("the poller works");
            }
        }
    }
}

fn body(finished: &Finished) -> &[u8] {
    finished.result.as_ref().expect("a response").body()
}

#[test]
fn a_connection_serves_one_request_after_the_other() {
    let (address, thread) = server(1, |_, mut connection| {
        while read_request(&mut connection) {
            connection.write_all(HELLO).expect("sent");
        }
    });
    let mut engine = Engine::new().expect("a poller");
    let pool = pool(&mut engine, 10);
    for number in 0..100 {
        let submission = get(&mut engine, pool, address);
        let key = engine.submit(submission);
        let finished = finish(&mut engine, key, address);
        assert_eq!(body(&finished), b"hello");
        assert_eq!(finished.facts.reused, number > 0);
        let timing = finished.facts.timing;
        assert!(timing.start <= timing.sent && timing.sent <= timing.first_byte);
        assert!(timing.first_byte <= timing.last_byte);
    }
    assert_eq!((engine.open_connections(), engine.pending()), (1, 0));
    engine.abandon_pool(pool);
    assert_eq!(engine.open_connections(), 0);
    thread.join().expect("the server ends");
}

#[test]
fn waiters_are_named_once_when_they_can_go_on() {
    let (address, thread) = server(1, |_, mut connection| {
        while read_request(&mut connection) {
            connection.write_all(HELLO).expect("sent");
        }
    });
    let mut engine = Engine::new().expect("a poller");
    let pool = pool(&mut engine, 1);
    let keys: Vec<_> = (0..5)
        .map(|_| {
            let submission = get(&mut engine, pool, address);
            engine.submit(submission)
        })
        .collect();
    assert_eq!(engine.step(keys[0]), Step::Connect);
    assert_eq!(engine.step(keys[1]), Step::Wait);
    engine.connect(keys[0], vec![address]);
    for (number, key) in keys.iter().enumerate() {
        engine.set_waiter(*key, number + 1);
    }
    assert_eq!(engine.waiting(), 5);
    let mut order = Vec::new();
    while order.len() < 5 {
        engine.poll(100).expect("the poller works");
        while let Some(token) = engine.pop_ready() {
            order.push(token);
            assert_eq!(
                body(&engine.take(keys[token - 1]).expect("a result")),
                b"hello"
            );
        }
    }
    assert_eq!(order, [1, 2, 3, 4, 5]);
    assert_eq!((engine.waiting(), engine.open_connections()), (0, 1));
    engine.abandon_pool(pool);
    thread.join().expect("the server ends");
}

#[test]
fn a_stale_connection_is_replaced_once() {
    let (address, thread) = server(3, |number, mut connection| {
        read_request(&mut connection);
        if number != 1 {
            connection.write_all(HELLO).expect("sent");
            // Ends with the second request unanswered.
            read_request(&mut connection);
        }
    });
    let mut engine = Engine::new().expect("a poller");
    let pool = pool(&mut engine, 10);
    let run = |engine: &mut Engine| {
        let submission = get(engine, pool, address);
        let key = engine.submit(submission);
        finish(engine, key, address)
    };
    assert_eq!(body(&run(&mut engine)), b"hello");
    // The first connection breaks, and so does the one in its place: that is the end of it.
    let failed = run(&mut engine);
    assert!(failed.facts.retried);
    let failure = failed.result.expect_err("no third try");
    assert!(matches!(failure.error, Error::Closed(0)));
    assert_eq!(failure.phase, Phase::Receive);
    assert_eq!(body(&run(&mut engine)), b"hello");
    engine.abandon_pool(pool);
    thread.join().expect("the server ends");
}

#[test]
fn requests_of_a_turn_are_sent_together_and_begin_then() {
    let (seen, arrivals) = std::sync::mpsc::channel();
    let (address, thread) = server(1, move |_, mut connection| {
        while read_request(&mut connection) {
            seen.send(()).expect("the test listens");
            connection.write_all(HELLO).expect("sent");
        }
    });
    let mut engine = Engine::new().expect("a poller");
    let pool = pool(&mut engine, 10);
    let first = get(&mut engine, pool, address);
    let first = engine.submit(first);
    assert_eq!(body(&finish(&mut engine, first, address)), b"hello");
    arrivals.recv().expect("it was asked");

    engine.hold_back();
    let submission = get(&mut engine, pool, address);
    let submitted = submission.start;
    let held = engine.submit(submission);
    let quiet = arrivals.recv_timeout(std::time::Duration::from_millis(100));
    assert!(quiet.is_err(), "it was sent before its time");
    engine.send_held_back();
    let finished = finish(&mut engine, held, address);
    assert_eq!(body(&finished), b"hello");
    assert!(finished.facts.timing.start >= submitted + 100_000_000);
    assert!(finished.facts.reused && !finished.facts.retried);

    // Given up before it was sent: nothing goes out, and the connection is not used again.
    arrivals.recv().expect("it was asked");
    engine.hold_back();
    let submission = get(&mut engine, pool, address);
    let held = engine.submit(submission);
    engine.cancel(held);
    engine.send_held_back();
    thread.join().expect("the server ends");
    assert!(arrivals.recv().is_err(), "it was sent all the same");
    assert_eq!((engine.open_connections(), engine.pending()), (0, 0));
}

#[test]
fn a_long_turn_looks_at_the_sockets_again() {
    let (seen, arrivals) = std::sync::mpsc::channel();
    let (go, started) = std::sync::mpsc::channel();
    let (address, thread) = server(1, move |_, mut connection| {
        while read_request(&mut connection) {
            seen.send(()).expect("the test listens");
            started.recv().expect("the test says when");
            connection.write_all(HELLO).expect("sent");
        }
    });
    let mut engine = Engine::new().expect("a poller");
    let pool = pool(&mut engine, 1);
    let first = get(&mut engine, pool, address);
    let first = engine.submit(first);
    go.send(()).expect("the server listens");
    finish(&mut engine, first, address);
    arrivals.recv().expect("it was asked");

    engine.hold_back();
    let submission = get(&mut engine, pool, address);
    let held = engine.submit(submission);
    // A greenlet computes for so long.
    thread::sleep(std::time::Duration::from_millis(5));
    engine.catch_up().expect("the poller works");
    arrivals.recv().expect("it was sent");
    assert_eq!(engine.step(held), Step::Wait);
    go.send(()).expect("the server listens");
    thread::sleep(std::time::Duration::from_millis(50));
    engine.catch_up().expect("the poller works");
    assert_eq!(engine.step(held), Step::Done);
    engine.send_held_back();
    assert_eq!(body(&engine.take(held).expect("its result")), b"hello");
    engine.abandon_pool(pool);
    thread.join().expect("the server ends");
}

#[test]
fn what_cannot_be_repeated_looks_at_its_connection_when_it_is_sent() {
    let (close, closing) = std::sync::mpsc::channel::<()>();
    let (address, thread) = server(2, move |number, mut connection| {
        assert!(read_request(&mut connection));
        connection.write_all(HELLO).expect("sent");
        if number == 0 {
            closing.recv().expect("the test says when");
        }
    });
    let mut engine = Engine::new().expect("a poller");
    let pool = pool(&mut engine, 1);
    let first = get(&mut engine, pool, address);
    let first = engine.submit(first);
    finish(&mut engine, first, address);

    engine.hold_back();
    let mut submission = get(&mut engine, pool, address);
    submission.idempotent = false;
    let held = engine.submit(submission);
    close.send(()).expect("the server listens");
    thread::sleep(std::time::Duration::from_millis(100));
    engine.send_held_back();
    let finished = finish(&mut engine, held, address);
    assert_eq!(body(&finished), b"hello");
    assert!(!finished.facts.reused && !finished.facts.retried);
    engine.abandon_pool(pool);
    thread.join().expect("the server ends");
}

#[test]
fn deadlines_end_requests() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("bound");
    let mut engine = Engine::new().expect("a poller");
    let pool = pool(&mut engine, 10);
    let submission = Submission {
        network_timeout: SECOND / 50,
        ..get(&mut engine, pool, address)
    };
    let key = engine.submit(submission);
    let failed = finish(&mut engine, key, address);
    let failure = failed.result.expect_err("nobody answers");
    assert!(matches!(failure.error, Error::NetworkTimeout(_)));
    assert_eq!(
        (engine.open_connections(), engine.pool_connections(pool)),
        (0, 0)
    );
}

#[test]
fn cancelled_requests_leave_nothing_behind() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("bound");
    let mut engine = Engine::new().expect("a poller");
    let pool = pool(&mut engine, 2);
    let keys: Vec<_> = (0..4)
        .map(|_| {
            let submission = get(&mut engine, pool, address);
            engine.submit(submission)
        })
        .collect();
    engine.connect(keys[0], vec![address]);
    for _ in 0..10 {
        engine.poll(10).expect("the poller works");
    }
    // On its connection; granted; queued; and once more what is gone already.
    for key in [keys[0], keys[1], keys[3], keys[3]] {
        engine.cancel(key);
    }
    assert_eq!(engine.step(keys[2]), Step::Connect);
    engine.cancel(keys[2]);
    assert_eq!((engine.pending(), engine.open_connections()), (0, 0));
    assert_eq!(engine.pool_connections(pool), 0);
}

#[test]
fn a_stream_is_read_as_it_comes() {
    let (address, thread) = server(1, |_, mut connection| {
        read_request(&mut connection);
        connection
            .write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            .expect("sent");
        for _ in 0..3 {
            connection.write_all(b"4\r\ntick\r\n").expect("sent");
        }
        connection.write_all(b"0\r\n\r\n").expect("sent");
        read_request(&mut connection);
    });
    let mut engine = Engine::new().expect("a poller");
    let pool = pool(&mut engine, 1);
    let submission = Submission {
        stream: true,
        framed: false,
        ..get(&mut engine, pool, address)
    };
    let key = engine.submit(submission);
    let finished = finish(&mut engine, key, address);
    let mut received = body(&finished).to_vec();
    if finished.facts.streaming {
        loop {
            match engine.read_stream(key) {
                StreamStep::Bytes(bytes) => received.extend(bytes),
                StreamStep::Wait => engine.poll(100).expect("the poller works"),
                StreamStep::End => break,
                StreamStep::Failed(failure) => panic!("{failure:?}"),
            }
        }
    }
    assert_eq!(received, b"tickticktick");
    assert_eq!((engine.pending(), engine.open_connections()), (0, 1));
    engine.abandon_pool(pool);
    thread.join().expect("the server ends");
}

#[test]
fn what_comes_with_the_end_before_the_connection_is_noticed_is_read() {
    for (answer, complete) in [(HELLO, true), (&HELLO[..HELLO.len() - 1], false)] {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("bound");
        let mut engine = Engine::new().expect("a poller");
        let pool = pool(&mut engine, 1);
        let submission = get(&mut engine, pool, address);
        let key = engine.submit(submission);
        assert_eq!(engine.step(key), Step::Connect);
        engine.connect(key, vec![address]);
        // One event reports all of this: connected, readable, ended.
        let (mut connection, _) = listener.accept().expect("a connection");
        connection.write_all(answer).expect("sent");
        connection
            .shutdown(std::net::Shutdown::Write)
            .expect("connected");
        engine.poll(10_000).expect("the poller works");
        assert_eq!(engine.step(key), Step::Done);
        let finished = engine.take(key).expect("a result");
        assert_eq!(finished.result.is_ok(), complete);
    }
}
