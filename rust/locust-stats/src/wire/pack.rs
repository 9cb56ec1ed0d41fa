//! Writes the values of msgpack that a report is made of.

use crate::num::Num;

/// Keys and their counts.
pub fn pairs(out: &mut Vec<u8>, pairs: &[(Num, i64)]) {
    // Most are small: these are written at once.
    let short = |&pair: &(Num, i64)| match pair {
        (Num::Int(key @ 0x100..=0xffff), count @ 0..=0x7f) => {
            let [high, low] = (key as u16).to_be_bytes();
            Ok(([0xcd, high, low, count as u8], 4))
        }
        (Num::Int(key @ 0x80..=0xff), count @ 0..=0x7f) => {
            Ok(([0xcc, key as u8, count as u8, 0], 3))
        }
        (Num::Int(key @ 0..=0x7f), count @ 0..=0x7f) => Ok(([key as u8, count as u8, 0, 0], 2)),
        pair => Err(pair),
    };
    runs(out, pairs, short, |out, (key, count)| {
        number(out, key);
        int(out, count);
    });
}

/// Items in a run, and the bytes that they take at most.
const RUN: usize = 32;
const RUN_BYTES: usize = 4 * RUN;

/// Appends what `short` makes of each item, up to four bytes and their number, or else what `long` appends.
///
/// Short ones are collected, because appending so little at a time costs more than making it.
#[inline(always)]
pub fn runs<T, Long>(
    out: &mut Vec<u8>,
    items: &[T],
    mut short: impl FnMut(&T) -> Result<([u8; 4], usize), Long>,
    long: impl Fn(&mut Vec<u8>, Long),
) {
    for run in items.chunks(RUN) {
        let mut bytes = [0; RUN_BYTES];
        let mut end = 0;
        for item in run {
            match short(item) {
                Ok((four, length)) => {
                    bytes[end..end + 4].copy_from_slice(&four);
                    end += length;
                }
                Err(item) => {
                    out.extend_from_slice(&bytes[..end]);
                    end = 0;
                    long(out, item);
                }
            }
        }
        out.extend_from_slice(&bytes[..end]);
    }
}

/// A number, or nil.
#[inline]
pub fn optional(out: &mut Vec<u8>, value: Option<Num>) {
    match value {
        Some(value) => number(out, value),
        None => out.push(0xc0),
    }
}

/// A number of either kind.
#[inline]
pub fn number(out: &mut Vec<u8>, value: Num) {
    match value {
        Num::Int(value) => int(out, value),
        Num::Float(value) => {
            out.push(0xcb);
            out.extend_from_slice(&value.to_be_bytes());
        }
    }
}

/// An integer, in as few bytes as it takes.
#[inline]
pub fn int(out: &mut Vec<u8>, value: i64) {
    match value {
        0..=0x7f => out.push(value as u8),
        0x80..=0xff => out.extend_from_slice(&[0xcc, value as u8]),
        0x100..=0xffff => {
            out.push(0xcd);
            out.extend_from_slice(&(value as u16).to_be_bytes());
        }
        0x1_0000..=0xffff_ffff => {
            out.push(0xce);
            out.extend_from_slice(&(value as u32).to_be_bytes());
        }
        0x1_0000_0000.. => {
            out.push(0xcf);
            out.extend_from_slice(&value.to_be_bytes());
        }
        -32..0 => out.push(value as u8),
        _ => {
            out.push(0xd3);
            out.extend_from_slice(&value.to_be_bytes());
        }
    }
}

/// A text.
#[inline]
pub fn text(out: &mut Vec<u8>, text: &str) {
    utf8(out, text.as_bytes());
}

/// The same of bytes that are known to be UTF-8.
#[inline]
pub fn utf8(out: &mut Vec<u8>, text: &[u8]) {
    match text.len() {
        length @ 0..32 => out.push(0xa0 | length as u8),
        length @ 32..0x100 => out.extend_from_slice(&[0xd9, length as u8]),
        length @ 0x100..0x1_0000 => {
            let [high, low] = (length as u16).to_be_bytes();
            out.extend_from_slice(&[0xda, high, low]);
        }
        length => {
            out.push(0xdb);
            out.extend_from_slice(&(length as u32).to_be_bytes());
        }
    }
    out.extend_from_slice(text);
}

/// A text in ASCII that `write` appends.
pub fn written(out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
    let start = out.len();
    out.extend_from_slice(&[0xda, 0, 0]);
    write(out);
    let length = out.len() - start - 3;
    match u16::try_from(length) {
        Ok(length @ 0..32) => {
            out.copy_within(start + 3.., start + 1);
            out.truncate(start + 1 + usize::from(length));
            out[start] = 0xa0 | length as u8;
        }
        Ok(length) => out[start + 1..start + 3].copy_from_slice(&length.to_be_bytes()),
        Err(_) => {
            let text = out.split_off(start + 3);
            out.truncate(start);
            utf8(out, &text);
        }
    }
}

/// The beginning of a map of `length` pairs.
#[inline]
pub fn map(out: &mut Vec<u8>, length: usize) {
    size(out, length, 0x80, 0xde);
}

/// The beginning of an array of `length` elements.
#[inline]
pub fn array(out: &mut Vec<u8>, length: usize) {
    size(out, length, 0x90, 0xdc);
}

fn size(out: &mut Vec<u8>, length: usize, short: u8, long: u8) {
    if length < 16 {
        out.push(short | length as u8);
    } else if length < 0x1_0000 {
        out.push(long);
        out.extend_from_slice(&(length as u16).to_be_bytes());
    } else {
        out.push(long + 1);
        out.extend_from_slice(&(length as u32).to_be_bytes());
    }
}
