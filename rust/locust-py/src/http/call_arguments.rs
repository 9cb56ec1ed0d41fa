//! The arguments of a direct call, read without a dictionary of them.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyDict, PyString, PyTuple};

use super::direct_calls::Aim;
use super::json_text;
use super::own::{Method, Own, Reported};
use super::query;
use crate::fastcall::Arguments;

/// A call that the engine takes directly.
pub(super) struct Call<'py> {
    pub(super) url: Bound<'py, PyString>,
    pub(super) own: Own<'py>,
    pub(super) reported: Reported<'py>,
    /// What its response keeps of the request; None: what it keeps of a plain GET.
    pub(super) sent: Option<Bound<'py, PyAny>>,
}

/// The arguments as they were given; None: left out, or None.
#[derive(Default)]
struct Given<'py> {
    url: Option<Bound<'py, PyAny>>,
    data: Option<Bound<'py, PyAny>>,
    json: Option<Bound<'py, PyAny>>,
    headers: Option<Bound<'py, PyAny>>,
    params: Option<Bound<'py, PyAny>>,
}

/// The parameters of a method that may be given by position.
pub(super) fn positional_names(method: Method) -> &'static [&'static str] {
    match method {
        Method::Get => &["url"],
        Method::Post => &["url", "data", "json"],
        Method::Put | Method::Patch => &["url", "data"],
    }
}

impl<'py> Call<'py> {
    /// None: the session has to send it.
    ///
    /// # Errors
    /// No memory.
    #[inline]
    pub(super) fn read(
        py: Python<'py>,
        method: Method,
        arguments: &Arguments<'py>,
        aim: &Aim<'py>,
    ) -> PyResult<Option<Self>> {
        let mut reported = Reported::default();
        let Some(given) = Given::read(py, method, arguments, &mut reported) else {
            return Ok(None);
        };
        let url = match given.url.as_ref().map(Bound::cast::<PyString>) {
            Some(Ok(url)) => url.clone(),
            _ => return Ok(None),
        };
        let mut call = Self {
            url,
            own: Own {
                stream: reported.stream,
                ..Own::default()
            },
            reported,
            sent: None,
        };
        Ok(call.complete(py, method, given, aim)?.then_some(call))
    }

    /// Adds headers, query and body; false: the session has to send it.
    #[inline]
    fn complete(
        &mut self,
        py: Python<'py>,
        method: Method,
        given: Given<'py>,
        aim: &Aim<'py>,
    ) -> PyResult<bool> {
        let text = match &given.json {
            Some(json) => match json_text::text(json)? {
                Some(text) => Some(text.into_any()),
                None => return Ok(false),
            },
            None => None,
        };
        let mut has_type = text.is_some();
        let known = if has_type {
            &aim.known_with_json
        } else {
            &aim.known_headers
        };
        let mut complete = None;
        if given.headers.is_some() || has_type {
            let Some(found) = look_up(py, known, given.headers.as_ref()) else {
                return Ok(false);
            };
            self.own.lines = Some(found.get_item(0)?.cast_into()?);
            self.sent = Some(found.get_item(1)?);
            complete = Some(found.get_item(2)?);
            has_type = found.get_item(3)?.cast::<PyBool>()?.is_true();
        }
        let data = given.data.or(text);
        if let Some(data) = &data {
            let is_plain =
                data.is_exact_instance_of::<PyString>() || data.is_exact_instance_of::<PyBytes>();
            if !has_type
                || !is_plain
                || (data.is_exact_instance_of::<PyString>()
                    && data.cast::<PyString>()?.to_str().is_err())
            {
                return Ok(false);
            }
        }
        if method != Method::Get {
            let empty = || intern!(py, "").clone().into_any();
            self.own.body = Some(data.clone().unwrap_or_else(empty));
        }
        let extra = match &given.params {
            Some(params) => {
                let Some(query) = query::of(params, self.url.to_str()?.contains('?')) else {
                    return Ok(false);
                };
                self.own.query = Some(query);
                let extra = PyDict::new(py);
                extra.set_item(intern!(py, "params"), params)?;
                Some(extra)
            }
            None => None,
        };
        if data.is_some() || extra.is_some() {
            let complete = match complete {
                Some(complete) => complete,
                None => aim.sent.cast::<PyTuple>()?.get_item(0)?,
            };
            self.sent = Some((complete, data, extra).into_pyobject(py)?.into_any());
        }
        Ok(true)
    }
}

impl<'py> Given<'py> {
    /// None: there is an argument that the session has to look at.
    #[inline]
    fn read(
        py: Python<'py>,
        method: Method,
        arguments: &Arguments<'py>,
        reported: &mut Reported<'py>,
    ) -> Option<Self> {
        let mut given = Self::default();
        let mut positional = arguments.positional();
        if positional.len() > positional_names(method).len() {
            return None;
        }
        let own = |value: Borrowed<'_, 'py, PyAny>| (!value.is_none()).then(|| value.to_owned());
        given.url = positional.next().and_then(own);
        given.data = positional.next().and_then(own);
        given.json = positional.next().and_then(own);
        for index in 0..arguments.named() {
            let (keyword, value) = arguments.get(index);
            if keyword.is(intern!(py, "name")) {
                // Without a text the session's rules name it.
                let text = value.cast_exact::<PyString>().ok()?.to_owned();
                reported.name = Some(text).filter(|text| !text.is_empty().unwrap_or(true));
            } else if keyword.is(intern!(py, "catch_response")) {
                reported.catch = value.is_truthy().ok()?;
            } else if keyword.is(intern!(py, "stream")) {
                reported.stream = value.is_truthy().ok()?;
            } else if keyword.is(intern!(py, "headers")) {
                given.headers = own(value);
            } else if keyword.is(intern!(py, "params")) {
                given.params = own(value);
            } else if method != Method::Get
                && keyword.is(intern!(py, "json"))
                && given.json.is_none()
            {
                given.json = own(value);
            } else if method != Method::Get
                && keyword.is(intern!(py, "data"))
                && given.data.is_none()
            {
                given.data = own(value);
            } else {
                return None;
            }
        }
        // With both, the session decides.
        (given.data.is_none() || given.json.is_none()).then_some(given)
    }
}

/// What is known of a call's headers.
#[inline]
fn look_up<'py>(
    py: Python<'py>,
    known: &Bound<'py, PyDict>,
    headers: Option<&Bound<'py, PyAny>>,
) -> Option<Bound<'py, PyTuple>> {
    let key = match headers {
        Some(headers) => headers.cast_exact::<PyDict>().ok()?.items().to_tuple(),
        None => PyTuple::empty(py),
    };
    let found = known.get_item(key).ok().flatten()?;
    found.cast_into::<PyTuple>().ok()
}
