//! An encoded body in two pieces, cut anywhere, decodes like the whole, within the limit.
#![no_main]

use libfuzzer_sys::fuzz_target;
use locust_http::decode::{self, Decoder, Encoding};

const LIMIT: usize = 1 << 20;

fn in_pieces(encoding: Encoding, pieces: &[&[u8]]) -> Option<Vec<u8>> {
    let mut decoder = Decoder::new(&[encoding], LIMIT).ok()??;
    let mut output = Vec::new();
    for piece in pieces {
        decoder.feed(piece, &mut output).ok()?;
    }
    decoder.finish().ok()?;
    Some(output)
}

fuzz_target!(|input: (u16, u8, &[u8])| {
    let (place, coding, bytes) = input;
    let codings = [
        Encoding::Gzip,
        Encoding::Deflate,
        Encoding::Brotli,
        Encoding::Zstd,
    ];
    let encoding = codings[usize::from(coding) % codings.len()];
    let whole = decode::decode(&[encoding], bytes, LIMIT).ok();
    assert!(whole.as_ref().is_none_or(|content| content.len() <= LIMIT));
    let (first, second) = bytes.split_at(usize::from(place) % (bytes.len() + 1));
    assert_eq!(in_pieces(encoding, &[first, second]), whole);
});
