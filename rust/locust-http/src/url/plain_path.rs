//! Plain paths: those that a client library sends as they are, so that no library has to look at them.

/// Whose rules decide what a plain path is.
///
/// By all of them a plain path begins with exactly one `/`, has no fragment, no `%` and nothing that is quoted, and its
/// query, if there is one, is not empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathRules {
    /// requests with urllib3: normalises dot segments, so `/.` is not plain in the path.
    Requests,
    /// geventhttpclient: sends dot segments, but splits parameters (`;`) off the path.
    GeventHttpClient,
    /// Both: plain by either rules.
    Common,
}

impl PathRules {
    /// Whether `path` (with its query) is sent as it is. One pass over the bytes.
    #[inline]
    pub fn is_plain(self, path: &str) -> bool {
        let bytes = path.as_bytes();
        if bytes.first() != Some(&b'/') || bytes.get(1) == Some(&b'/') {
            return false;
        }
        let allowed = match self {
            PathRules::Requests => PATH | PARAMETERS,
            PathRules::GeventHttpClient | PathRules::Common => PATH,
        };
        let sends_dot_segments = self == PathRules::GeventHttpClient;
        let mut before = 0;
        for (index, &byte) in bytes.iter().enumerate() {
            if byte == b'?' {
                return is_plain_query(&bytes[index + 1..]);
            }
            let is_dot_segment = byte == b'.' && before == b'/' && !sends_dot_segments;
            if KINDS[usize::from(byte)] & allowed == 0 || is_dot_segment {
                return false;
            }
            before = byte;
        }
        true
    }
}

#[inline]
fn is_plain_query(query: &[u8]) -> bool {
    !query.is_empty() && query.iter().all(|byte| KINDS[usize::from(*byte)] != 0)
}

/// Allowed in path and query.
const PATH: u8 = 1;
/// Separates parameters in a path; allowed in queries.
const PARAMETERS: u8 = 2;
/// Allowed in queries only.
const QUERY: u8 = 4;

/// What each byte is: unreserved characters, sub-delimiters, `:` and `@` (RFC 3986, 3.3).
const KINDS: [u8; 256] = {
    let mut kinds = [0; 256];
    let path = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/!$&'()*+,=:@";
    let mut index = 0;
    while index < path.len() {
        kinds[path[index] as usize] = PATH;
        index += 1;
    }
    kinds[b';' as usize] = PARAMETERS;
    kinds[b'?' as usize] = QUERY;
    kinds
};

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The rules once more, as they read in the libraries' terms.
    fn is_plain_by_the_book(rules: PathRules, path: &str) -> bool {
        let is_sub_delimiter = |char| "!$&'()*+,=:@".contains(char);
        let is_known = |char: char| {
            char.is_ascii_alphanumeric() || "-._~/".contains(char) || is_sub_delimiter(char)
        };
        let (path, query) = match path.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (path, None),
        };
        let by_requests = !path.contains("/.") && path.chars().all(|c| is_known(c) || c == ';');
        let by_geventhttpclient = path.chars().all(is_known);
        path.starts_with('/')
            && !path.starts_with("//")
            && query.is_none_or(|query| {
                !query.is_empty() && query.chars().all(|c| is_known(c) || ";?".contains(c))
            })
            && match rules {
                PathRules::Requests => by_requests,
                PathRules::GeventHttpClient => by_geventhttpclient,
                PathRules::Common => by_requests && by_geventhttpclient,
            }
    }

    fn rules() -> impl Strategy<Value = PathRules> {
        prop_oneof![
            Just(PathRules::Requests),
            Just(PathRules::GeventHttpClient),
            Just(PathRules::Common)
        ]
    }

    proptest! {
        #[test]
        fn plain_is_what_the_book_says(rules in rules(), rest in r"[abZ9\-._~/!$&'()*+,;=:@?%#\[\] \x00é]{0,14}") {
            let path = format!("/{rest}");
            prop_assert_eq!(rules.is_plain(&path), is_plain_by_the_book(rules, &path));
        }

        #[test]
        fn any_text_is_judged_as_the_book_does(rules in rules(), text in ".{0,8}") {
            prop_assert_eq!(rules.is_plain(&text), is_plain_by_the_book(rules, &text));
        }
    }

    #[test]
    fn rules_differ_in_dot_segments_and_parameters() {
        use PathRules::{Common, GeventHttpClient, Requests};
        for (path, plain_by) in [
            (
                "/a/b-c_d.e?f=g&h=1,2;3?",
                &[Requests, GeventHttpClient, Common][..],
            ),
            ("/", &[Requests, GeventHttpClient, Common]),
            ("/a?b/../c", &[Requests, GeventHttpClient, Common]),
            ("/a/../b", &[GeventHttpClient]),
            ("/.a", &[GeventHttpClient]),
            ("/a;b", &[Requests]),
            ("/a;b/.c", &[]),
            ("/a?", &[]),
            ("//a", &[]),
            ("/a b", &[]),
            ("/a%20b", &[]),
            ("/a#b", &[]),
            ("/{id}", &[]),
            ("/é", &[]),
            ("a", &[]),
            ("", &[]),
        ] {
            for rules in [Requests, GeventHttpClient, Common] {
                assert_eq!(
                    rules.is_plain(path),
                    plain_by.contains(&rules),
                    "{path} {rules:?}"
                );
            }
        }
    }
}
