//! Texts of errors: what makes two failures the same row of the error report.

use std::borrow::Cow;

/// How Python shows the address of an object.
const ADDRESS: &str = "object at 0x";

/// The text with the first object's memory address masked, so that failures that differ in nothing else are one.
///
/// ```
/// use locust_stats::errors::without_address;
/// assert_eq!(without_address("<Thing object at 0x7f3a>"), "<Thing object at 0x....>");
/// assert_eq!(without_address("refused"), "refused");
/// ```
#[must_use]
pub fn without_address(text: &str) -> Cow<'_, str> {
    let Some(at) = text.find(ADDRESS) else {
        return Cow::Borrowed(text);
    };
    let start = at + ADDRESS.len() - "0x".len();
    match text[start..].find('>') {
        Some(length) => Cow::Owned(text.replace(&text[start..start + length], "0x....")),
        None => Cow::Borrowed(text),
    }
}

#[cfg(test)]
mod tests {
    use super::without_address;

    #[test]
    fn every_mention_of_the_first_address_is_masked() {
        let text = "<A object at 0x1> and <A object at 0x1> and <B object at 0x2>";
        assert_eq!(
            without_address(text),
            "<A object at 0x....> and <A object at 0x....> and <B object at 0x2>"
        );
    }

    #[test]
    fn an_address_without_an_end_stays() {
        assert_eq!(without_address("object at 0x12"), "object at 0x12");
    }
}
