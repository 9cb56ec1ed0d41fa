//! `PathRules`: which paths a client library sends as they are.

use locust_http::url;
use pyo3::prelude::*;
use pyo3::types::PyString;

#[pyclass(
    module = "locust_rs._core",
    frozen,
    rename_all = "SCREAMING_SNAKE_CASE"
)]
#[derive(Clone, Copy)]
pub(super) enum PathRules {
    Requests,
    Geventhttpclient,
}

#[pymethods]
impl PathRules {
    #[pyo3(signature = (path, /))]
    fn is_plain(&self, path: &Bound<'_, PyString>) -> bool {
        let rules = match self {
            PathRules::Requests => url::PathRules::Requests,
            PathRules::Geventhttpclient => url::PathRules::GeventHttpClient,
        };
        // Text with lone surrogates is not plain either.
        path.to_str().is_ok_and(|path| rules.is_plain(path))
    }
}
