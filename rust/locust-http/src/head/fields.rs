//! What a header says, line by line, as Python's clients show it.

use std::borrow::Cow;

/// What stands where a status line should be, with its line end, shortened, in latin-1.
pub(super) fn status_line(input: &[u8]) -> String {
    const MOST: usize = 1024;
    let (_, rest) = split_line(input);
    let line = &input[..input.len() - rest.len()];
    let shown = &line[..line.len().min(MOST)];
    shown.iter().map(|byte| char::from(*byte)).collect()
}

/// The reason phrase of `head` (the raw bytes); "" if there is none.
pub fn reason(head: &[u8]) -> &[u8] {
    let (line, _) = split_line(skip_empty_lines(head));
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    line.splitn(3, |byte| *byte == b' ').nth(2).unwrap_or(b"")
}

/// The header fields of `head` (the raw bytes) in order, as (name, value). Values keep the blanks at their end.
///
/// Folded lines are unfolded: the blanks around a line end become one space. A line without a name is skipped, with
/// the lines that continue it.
pub fn fields(head: &[u8]) -> impl Iterator<Item = (&str, Cow<'_, [u8]>)> {
    raw_fields(head).filter_map(|(name, value)| {
        if name.is_empty() || !name.iter().all(u8::is_ascii_graphic) {
            return None;
        }
        let name = std::str::from_utf8(name).ok()?;
        Some((name, unfolded(value)))
    })
}

/// The values of the fields of this name, in order; see [`fields`]. `name` is in ASCII, its case does not matter.
pub fn values<'a>(head: &'a [u8], name: &str) -> impl Iterator<Item = Cow<'a, [u8]>> {
    raw_fields(head)
        .filter(|(known, _)| known.eq_ignore_ascii_case(name.as_bytes()))
        .map(|(_, value)| unfolded(value))
}

/// What stands before and behind the first colon of each field; any bytes may.
fn raw_fields(head: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    let (_, mut rest) = split_line(skip_empty_lines(head));
    std::iter::from_fn(move || {
        loop {
            let field;
            (field, rest) = split_field(rest)?;
            if let Some(colon) = memchr::memchr(b':', field) {
                // Blanks before the colon are tolerated.
                return Some((field[..colon].trim_ascii_end(), &field[colon + 1..]));
            }
        }
    })
}

/// The next field with the lines that continue it, without its line end; None at the blank line.
fn split_field(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (line, mut rest) = split_line(bytes);
    if line.is_empty() || line == b"\r" {
        return None;
    }
    let mut end = line.len();
    while let Some(b' ' | b'\t') = rest.first() {
        let (line, after) = split_line(rest);
        end = bytes.len() - rest.len() + line.len();
        rest = after;
    }
    let field = &bytes[..end];
    Some((field.strip_suffix(b"\r").unwrap_or(field), rest))
}

/// A value whose lines are joined with one space each. Only CRLF begins a new line, as for requests.
fn unfolded(value: &[u8]) -> Cow<'_, [u8]> {
    let value = trim_blanks_start(value);
    // Making a searcher for CRLF costs more than this look at the usual value.
    if memchr::memchr(b'\n', value).is_none() {
        return Cow::Borrowed(value);
    }
    let mut joined = Vec::with_capacity(value.len());
    let mut start = 0;
    for end in memchr::memmem::find_iter(value, b"\r\n") {
        joined.extend_from_slice(trim_blanks(&value[start..end]));
        joined.push(b' ');
        start = end + 2;
    }
    joined.extend_from_slice(trim_blanks_start(&value[start..]));
    Cow::Owned(joined)
}

fn trim_blanks(mut bytes: &[u8]) -> &[u8] {
    while let [rest @ .., b' ' | b'\t'] = bytes {
        bytes = rest;
    }
    trim_blanks_start(bytes)
}

fn trim_blanks_start(mut bytes: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] = bytes {
        bytes = rest;
    }
    bytes
}

/// Empty lines before a status line are tolerated.
fn skip_empty_lines(mut head: &[u8]) -> &[u8] {
    while let [b'\r' | b'\n', rest @ ..] = head {
        head = rest;
    }
    head
}

/// Everything before the first LF, and everything behind it.
fn split_line(bytes: &[u8]) -> (&[u8], &[u8]) {
    match memchr::memchr(b'\n', bytes) {
        Some(end) => (&bytes[..end], &bytes[end + 1..]),
        None => (bytes, b""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fields_of(text: &[u8]) -> Vec<(String, Vec<u8>)> {
        let head = [b"HTTP/1.1 200 OK\r\n", text, b"\r\n"].concat();
        fields(&head)
            .map(|(name, value)| (name.to_owned(), value.into_owned()))
            .collect()
    }

    #[test]
    fn lines_are_read_as_other_clients_read_them() {
        for (lines, expected) in [
            ("", &[][..]),
            ("X: y\r\nx: z\r\n", &[("X", "y"), ("x", "z")]),
            ("X: y\nZ:z\n", &[("X", "y"), ("Z", "z")]),
            ("X:\r\nY: \t \r\n", &[("X", ""), ("Y", "")]),
            ("X:\ty\t\r\n", &[("X", "y\t")]),
            ("X: a:b\r\n", &[("X", "a:b")]),
            ("X : y\r\n", &[("X", "y")]),
            ("X(Y): z\r\n", &[("X(Y)", "z")]),
            ("broken\r\nX: y\r\n", &[("X", "y")]),
            (": y\r\nX Y: z\r\nX: y\r\n", &[("X", "y")]),
            (" a: b\r\nX: y\r\n", &[("X", "y")]),
            (
                "X: one\r\n two\r\nY: z\r\n",
                &[("X", "one two"), ("Y", "z")],
            ),
            (
                "X: one \t\r\n \t two\r\n\tthree  \r\n",
                &[("X", "one two three  ")],
            ),
            ("X:\r\n two\r\n", &[("X", " two")]),
            ("X: one\r\n \r\n two\r\n", &[("X", "one  two")]),
            ("X: one\n two\r\n", &[("X", "one\n two")]),
            ("broken\r\n folded: x\r\nY: z\r\n", &[("Y", "z")]),
        ] {
            let expected: Vec<_> = expected
                .iter()
                .map(|(name, value)| ((*name).to_owned(), value.as_bytes().to_vec()))
                .collect();
            assert_eq!(fields_of(lines.as_bytes()), expected, "{lines:?}");
        }
    }

    #[test]
    fn the_reason_is_what_follows_the_status() {
        for (head, expected) in [
            ("HTTP/1.1 404 Not Found\r\n\r\n", "Not Found"),
            ("HTTP/1.1 200\r\n\r\n", ""),
            ("\r\nHTTP/1.1 200 OK\r\n\r\n", "OK"),
        ] {
            assert_eq!(reason(head.as_bytes()), expected.as_bytes(), "{head:?}");
        }
    }

    proptest! {
        #[test]
        fn fields_that_are_written_are_read(
            pairs in prop::collection::vec(("[!-9;-~]{1,6}", r"([!-~\x80-\xff][ -~\x80-\xff]{0,8})?"), 0..5),
        ) {
            let lines: Vec<u8> = pairs
                .iter()
                .flat_map(|(name, value)| format!("{name}: {value}\r\n").into_bytes())
                .collect();
            let expected: Vec<_> = pairs
                .into_iter()
                .map(|(name, value)| (name, value.into_bytes()))
                .collect();
            prop_assert_eq!(fields_of(&lines), expected);
        }

        #[test]
        fn a_folded_value_is_its_lines_with_a_space_between(
            lines in prop::collection::vec("[a-z]{0,3}", 1..5),
            blanks in prop::collection::vec("[ \t]{1,3}", 4),
        ) {
            let mut text = format!("X:{}{}", blanks[0], lines[0]);
            for (line, blank) in lines[1..].iter().zip(&blanks) {
                text.push_str(&format!("{blank}\r\n{blank}{line}"));
            }
            text.push_str("\r\nY: z\r\n");
            let expected = vec![
                ("X".to_owned(), lines.join(" ").into_bytes()),
                ("Y".to_owned(), b"z".to_vec()),
            ];
            prop_assert_eq!(fields_of(text.as_bytes()), expected);
        }

        #[test]
        fn a_field_is_found_by_its_name(
            pairs in prop::collection::vec(("[XYxy]{1,2}", "[a-z]{1,3}"), 0..6),
            wanted in "[XYxy]{1,2}",
        ) {
            let lines: String = pairs.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
            let head = format!("HTTP/1.1 200 OK\r\n{lines}\r\n");
            let found: Vec<_> = values(head.as_bytes(), &wanted).map(Cow::into_owned).collect();
            let expected: Vec<_> = fields(head.as_bytes())
                .filter(|(name, _)| name.eq_ignore_ascii_case(&wanted))
                .map(|(_, value)| value.into_owned())
                .collect();
            prop_assert_eq!(found, expected);
        }

        #[test]
        fn any_bytes_can_be_looked_through(head: Vec<u8>) {
            prop_assert!(fields(&head).count() <= head.len());
            prop_assert!(reason(&head).len() <= head.len());
        }
    }
}
