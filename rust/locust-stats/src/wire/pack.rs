//! Writes the values of msgpack that a report is made of.

use crate::num::Num;

/// A key and its count. Most are small: these are written at once.
#[inline]
pub fn pair(out: &mut Vec<u8>, key: i64, count: i64) {
    match (key, count) {
        (0..=0x7f, 0..=0x7f) => out.extend_from_slice(&[key as u8, count as u8]),
        (0x100..=0xffff, 0..=0x7f) => {
            let [high, low] = (key as u16).to_be_bytes();
            out.extend_from_slice(&[0xcd, high, low, count as u8]);
        }
        _ => {
            int(out, key);
            int(out, count);
        }
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
