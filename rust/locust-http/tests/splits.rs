//! However the bytes of a response are split, the result is that of the whole.

use std::io::Write;

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
use locust_http::decode::{self, Decoder, Encoding};
use locust_http::head::Lengths;
use locust_http::response::Parser;
use proptest::prelude::*;

const LIMIT: usize = 1 << 22;

/// What came of feeding a response.
#[derive(Debug, PartialEq)]
struct Seen {
    failed: bool,
    done: bool,
    reusable: bool,
    status: Option<u16>,
    body: Option<Vec<u8>>,
}

fn feed(pieces: &[&[u8]], answers_head: bool) -> Seen {
    let mut parser = Parser::new(answers_head, Lengths::Strict);
    let failed = pieces.iter().any(|piece| parser.feed(piece).is_err());
    let done = !failed && parser.end();
    let reusable = parser.is_reusable();
    let response = if done { parser.take_response() } else { None };
    Seen {
        failed,
        done,
        reusable: done && reusable,
        status: response.as_ref().map(|response| response.head.status),
        body: response.map(|response| response.body().to_vec()),
    }
}

/// The body of a response with its frames, and whether its connection may be used again.
fn read_framed(pieces: &[&[u8]]) -> (Vec<u8>, bool) {
    let mut parser = Parser::new(false, Lengths::Strict).keep_frames(true);
    for piece in pieces {
        parser.feed(piece).expect("frames are the reader's affair");
    }
    let reusable = parser.is_reusable();
    let response = parser.take_response().expect("the header is whole");
    (response.body().to_vec(), reusable)
}

/// Cuts `bytes` at the given places (taken modulo the length).
fn cut<'a>(bytes: &'a [u8], places: &[usize]) -> Vec<&'a [u8]> {
    let mut places: Vec<_> = places
        .iter()
        .map(|place| place % (bytes.len() + 1))
        .collect();
    places.sort_unstable();
    let mut start = 0;
    let mut pieces = Vec::new();
    for place in places.into_iter().chain([bytes.len()]) {
        pieces.push(&bytes[start..place]);
        start = place;
    }
    pieces
}

fn chunked(body: &[u8], sizes: &[usize]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = body;
    for size in sizes {
        let (chunk, left) = rest.split_at((*size).min(rest.len()));
        rest = left;
        if !chunk.is_empty() {
            out.extend(format!("{:X};x=y\r\n", chunk.len()).into_bytes());
            out.extend_from_slice(chunk);
            out.extend_from_slice(b"\r\n");
        }
    }
    if !rest.is_empty() {
        out.extend(format!("{:x}\r\n", rest.len()).into_bytes());
        out.extend_from_slice(rest);
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(b"0\r\nTrailer: x\r\n\r\n");
    out
}

/// Responses, most of them valid: interim ones, every framing, odd fields, bytes after the end.
fn responses() -> impl Strategy<Value = Vec<u8>> {
    let body = prop::collection::vec(any::<u8>(), 0..300);
    let sizes = prop::collection::vec(1usize..80, 0..6);
    let fields = prop::sample::select(vec![
        "",
        "Connection: close\r\n",
        "X: y\r\nSet-Cookie: a=b\r\n",
        "broken line\r\n",
        "F: a\r\n b\r\n",
    ]);
    let status = prop::sample::select(vec![200u16, 204, 304, 404, 500]);
    (
        0..3usize,
        status,
        fields,
        body,
        sizes,
        0..5usize,
        prop::bool::ANY,
    )
        .prop_map(|(interim, status, fields, body, sizes, framing, extra)| {
            let mut out = b"HTTP/1.1 100 Continue\r\n\r\n".repeat(interim);
            out.extend(format!("HTTP/1.1 {status} Some Reason\r\n{fields}").into_bytes());
            match framing {
                0 => out.extend(format!("Content-Length: {}\r\n\r\n", body.len()).into_bytes()),
                1 => out.extend_from_slice(b"Transfer-Encoding: chunked\r\n\r\n"),
                2 => out.extend_from_slice(b"\r\n"),
                3 => out.extend(format!("Content-Length: {}\r\n\r\n", body.len() + 1).into_bytes()),
                _ => out.extend_from_slice(b"Content-Length: x\r\n\r\n"),
            }
            out.extend(if framing == 1 {
                chunked(&body, &sizes)
            } else {
                body
            });
            if extra {
                out.extend_from_slice(b"HTTP/1.1 200 OK\r\n");
            }
            out
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..Default::default() })]

    #[test]
    fn splits_of_a_response_change_nothing(
        bytes in responses(),
        places in prop::collection::vec(any::<usize>(), 0..8),
        answers_head: bool,
    ) {
        let whole = feed(&[&bytes], answers_head);
        prop_assert_eq!(&feed(&cut(&bytes, &places), answers_head), &whole);
        let single: Vec<_> = bytes.chunks(1).collect();
        prop_assert_eq!(&feed(&single, answers_head), &whole);
    }

    #[test]
    fn framed_bodies_keep_every_byte_however_they_are_split(
        body in prop::collection::vec(any::<u8>(), 0..300),
        sizes in prop::collection::vec(1usize..80, 0..6),
        damage in prop::option::of((any::<usize>(), any::<u8>())),
        places in prop::collection::vec(any::<usize>(), 0..8),
    ) {
        let head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
        let mut wire = chunked(&body, &sizes);
        if let Some((place, byte)) = damage {
            let place = place % wire.len();
            wire[place] = byte;
        }
        let bytes = [&head[..], &wire].concat();
        let whole = read_framed(&[&bytes]);
        prop_assert_eq!(&read_framed(&cut(&bytes, &places)), &whole);
        let single: Vec<_> = bytes.chunks(1).collect();
        prop_assert_eq!(&read_framed(&single), &whole);
        prop_assert!(wire.starts_with(&whole.0));
        prop_assert!(damage.is_some() || whole == (wire, true));
    }

    #[test]
    fn any_bytes_end_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let single: Vec<_> = bytes.chunks(1).collect();
        prop_assert_eq!(feed(&single, false), feed(&[&bytes], false));
    }

    #[test]
    fn damaged_responses_end_without_a_panic(
        bytes in responses(), place in any::<usize>(), byte in any::<u8>(),
    ) {
        let mut bytes = bytes;
        let place = place % bytes.len();
        bytes[place] = byte;
        let single: Vec<_> = bytes.chunks(1).collect();
        prop_assert_eq!(feed(&single, false), feed(&[&bytes], false));
    }

    #[test]
    fn splits_of_an_encoded_body_change_nothing(
        content in prop::collection::vec(0u8..8, 0..3000),
        coding in 0..3usize,
        places in prop::collection::vec(any::<usize>(), 0..8),
        damage in prop::option::of((any::<usize>(), any::<u8>())),
    ) {
        let (encoding, mut body) = encode(&content, coding);
        if let Some((place, byte)) = damage {
            let place = place % body.len();
            body[place] = byte;
        }
        let whole = decode::decode(&[encoding], &body, LIMIT);
        if damage.is_none() {
            prop_assert_eq!(whole.as_ref(), Ok(&content));
        }
        prop_assert_eq!(pieces(encoding, &cut(&body, &places)).ok(), whole.clone().ok());
        let single: Vec<_> = body.chunks(1).collect();
        prop_assert_eq!(pieces(encoding, &single).ok(), whole.ok());
    }

    #[test]
    fn any_bytes_decode_without_a_panic(
        body in prop::collection::vec(any::<u8>(), 0..300),
        encoding in prop::sample::select(
            vec![Encoding::Gzip, Encoding::Deflate, Encoding::Brotli, Encoding::Zstd],
        ),
    ) {
        let single: Vec<_> = body.chunks(1).collect();
        let whole = decode::decode(&[encoding], &body, LIMIT);
        prop_assert_eq!(pieces(encoding, &single).is_ok(), whole.is_ok());
    }
}

fn encode(content: &[u8], coding: usize) -> (Encoding, Vec<u8>) {
    let level = Compression::default();
    let failed = "a vector takes everything";
    match coding {
        0 => {
            let mut encoder = GzEncoder::new(Vec::new(), level);
            encoder.write_all(content).expect(failed);
            (Encoding::Gzip, encoder.finish().expect(failed))
        }
        1 => {
            let mut encoder = ZlibEncoder::new(Vec::new(), level);
            encoder.write_all(content).expect(failed);
            (Encoding::Deflate, encoder.finish().expect(failed))
        }
        _ => {
            let mut encoder = DeflateEncoder::new(Vec::new(), level);
            encoder.write_all(content).expect(failed);
            (Encoding::Deflate, encoder.finish().expect(failed))
        }
    }
}

fn pieces(encoding: Encoding, pieces: &[&[u8]]) -> Result<Vec<u8>, decode::DecodeError> {
    let mut decoder = Decoder::new(&[encoding], LIMIT)?.expect("a known coding");
    let mut output = Vec::new();
    for piece in pieces {
        decoder.feed(piece, &mut output)?;
    }
    decoder.finish()?;
    Ok(output)
}
