//! The `traceparent` header of requests that are not sampled, when tracing is on: services below are told not to
//! sample them either (W3C Trace Context). Its ids mean nothing, so they are drawn here and not by OpenTelemetry.

use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};

const BEGIN: &[u8] = b"traceparent: 00-";

/// Where the sequence of ids is; 0: no such headers are sent.
static SEQUENCE: AtomicU64 = AtomicU64::new(0);

/// The last part of the headers: that the ids are drawn at random, perhaps, and nothing else.
static FLAGS: AtomicU8 = AtomicU8::new(0);

/// Tells from now on, until the process ends, in each request without a context of its own that it is not sampled.
pub fn tell_from_now_on(flags: u8) {
    FLAGS.store(flags, Ordering::Relaxed);
    SEQUENCE.store(RandomState::new().hash_one(BEGIN) | 1, Ordering::Relaxed);
}

/// Adds the header to a whole head, if such are sent and it has none.
#[inline]
pub fn tell(head: &mut Vec<u8>) {
    if SEQUENCE.load(Ordering::Relaxed) != 0 && !has_context(head) {
        let ids = [drawn(), drawn(), drawn()];
        append(head, ids, FLAGS.load(Ordering::Relaxed));
    }
}

fn append(head: &mut Vec<u8>, [high, low, span]: [u64; 3], flags: u8) {
    head.truncate(head.len() - b"\r\n".len());
    head.extend_from_slice(BEGIN);
    push_hex(head, high, 16);
    push_hex(head, low, 16);
    head.push(b'-');
    push_hex(head, span, 16);
    head.push(b'-');
    push_hex(head, flags.into(), 2);
    head.extend_from_slice(b"\r\n\r\n");
}

fn has_context(head: &[u8]) -> bool {
    let name = &BEGIN[..BEGIN.len() - b" 00-".len()];
    memchr::memchr_iter(b'\n', head).any(|end| {
        head.get(end + 1..end + 1 + name.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(name))
    })
}

/// The next number of SplitMix64, never 0, which is no id.
fn drawn() -> u64 {
    let mut z = SEQUENCE.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (z ^ (z >> 31)).max(1)
}

fn push_hex(out: &mut Vec<u8>, number: u64, digits: u8) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let places = (0..digits).rev();
    out.extend(places.map(|place| DIGITS[(number >> (4 * place)) as usize & 15]));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_stands_behind_the_others() {
        let mut head = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n".to_vec();
        append(&mut head, [0xab, 0xcdef_0123_4567_89ab, u64::MAX], 2);
        let told = "traceparent: 00-00000000000000abcdef0123456789ab-ffffffffffffffff-02";
        let whole = format!("GET / HTTP/1.1\r\nHost: x\r\n{told}\r\n\r\n");
        assert_eq!(String::from_utf8_lossy(&head), whole);
    }

    #[test]
    fn a_context_of_its_own_is_seen() {
        for (head, has) in [
            ("GET / HTTP/1.1\r\nTraceParent: 00-a-b-01\r\n\r\n", true),
            ("GET / HTTP/1.1\r\nx-traceparent: 1\r\n\r\n", false),
            ("GET /?traceparent: HTTP/1.1\r\n\r\n", false),
            ("", false),
        ] {
            assert_eq!(has_context(head.as_bytes()), has, "{head:?}");
        }
    }

    #[test]
    fn ids_differ() {
        SEQUENCE.store(u64::MAX, Ordering::Relaxed);
        let ids: std::collections::HashSet<u64> = (0..1000).map(|_| drawn()).collect();
        assert_eq!(ids.len(), 1000);
    }
}
