//! The thread against a peer that speaks the protocol byte by byte.
#![allow(clippy::unwrap_used)]

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use locust_pulse::{Pulse, Settings};

const READY: &[u8] = b"\x04\x1c\x05READY\x0bSocket-Type\0\0\0\x06ROUTER";

fn pulse(port: u16) -> Pulse {
    Pulse::start(Settings {
        host: "127.0.0.1".into(),
        port,
        identity: b"w/pulse".to_vec(),
        message: b"alive".to_vec(),
        stalled_after: Duration::from_millis(300),
        interval: Duration::from_millis(50),
    })
    .unwrap()
}

fn greet(stream: &mut TcpStream, mechanism: &[u8]) {
    let mut theirs = [0; 64];
    stream.read_exact(&mut theirs).unwrap();
    assert_eq!(theirs[0], 0xff);
    assert_eq!(&theirs[9..16], b"\x7f\x03\0NULL");
    let mut ours = [0; 64];
    ours[0] = 0xff;
    ours[9] = 0x7f;
    ours[10] = 3;
    ours[12..12 + mechanism.len()].copy_from_slice(mechanism);
    stream.write_all(&ours).unwrap();
}

fn accept(listener: &TcpListener) -> TcpStream {
    let (mut stream, _) = listener.accept().unwrap();
    greet(&mut stream, b"NULL");
    let mut head = [0; 2];
    stream.read_exact(&mut head).unwrap();
    let mut body = vec![0; usize::from(head[1])];
    stream.read_exact(&mut body).unwrap();
    assert_eq!(
        body,
        b"\x05READY\x0bSocket-Type\0\0\0\x06DEALER\x08Identity\0\0\0\x07w/pulse"
    );
    stream.write_all(READY).unwrap();
    stream
}

fn hear(stream: &mut TcpStream) {
    let mut message = [0; 7];
    stream.read_exact(&mut message).unwrap();
    assert_eq!(&message, b"\x00\x05alive");
}

#[test]
fn a_silent_loop_gives_pulses_and_a_running_one_ends_them() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let pulse = pulse(listener.local_addr().unwrap().port());
    let mut stream = accept(&listener);
    for _ in 0..3 {
        hear(&mut stream);
    }
    let mut rest = Vec::new();
    let reader = std::thread::spawn(move || stream.read_to_end(&mut rest));
    while !reader.is_finished() {
        pulse.loop_is_alive();
        std::thread::sleep(Duration::from_millis(10));
    }
    reader.join().unwrap().unwrap();
}

#[test]
fn a_broken_connection_is_made_again() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let _pulse = pulse(listener.local_addr().unwrap().port());
    for _ in 0..2 {
        hear(&mut accept(&listener));
    }
}

#[test]
fn a_peer_that_encrypts_hears_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let _pulse = pulse(listener.local_addr().unwrap().port());
    let (mut stream, _) = listener.accept().unwrap();
    greet(&mut stream, b"CURVE");
    assert_eq!(stream.read(&mut [0; 1]).unwrap_or(0), 0);
}

#[test]
fn dropping_it_ends_the_thread() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let pulse = pulse(listener.local_addr().unwrap().port());
    let mut stream = accept(&listener);
    drop(pulse);
    let began = Instant::now();
    stream.read_to_end(&mut Vec::new()).unwrap();
    assert!(began.elapsed() < Duration::from_secs(30));
}
