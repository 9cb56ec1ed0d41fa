//! A response in two pieces, cut anywhere, ends like the whole.
#![no_main]

use libfuzzer_sys::fuzz_target;
use locust_http::head::Lengths;
use locust_http::response::Parser;

fn outcome(pieces: &[&[u8]], answers_head: bool) -> Option<(bool, bool, Option<Vec<u8>>)> {
    let mut parser = Parser::new(answers_head, Lengths::Strict);
    for piece in pieces {
        parser.feed(piece).ok()?;
    }
    let done = parser.end();
    let reusable = parser.is_reusable();
    Some((
        done,
        reusable,
        parser
            .take_response()
            .map(|response| response.body().to_vec()),
    ))
}

fuzz_target!(|input: (u16, bool, &[u8])| {
    let (place, answers_head, bytes) = input;
    let (first, second) = bytes.split_at(usize::from(place) % (bytes.len() + 1));
    let whole = outcome(&[bytes], answers_head);
    assert_eq!(outcome(&[first, second], answers_head), whole);
});
