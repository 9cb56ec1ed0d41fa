//! `HttpTls`: prepared TLS settings.

use std::fs;

use locust_http::tls::{Settings, Tls};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

#[pyclass(module = "locust_rs._core", frozen)]
pub(super) struct HttpTls(#[cfg_attr(not(unix), allow(dead_code))] pub(super) Tls);

#[pymethods]
impl HttpTls {
    #[new]
    #[pyo3(signature = (*, verify=false, ca_file=None, cert_file=None, key_file=None, check_hostname=true))]
    fn new(
        verify: bool,
        ca_file: Option<&str>,
        cert_file: Option<&str>,
        key_file: Option<&str>,
        check_hostname: bool,
    ) -> PyResult<Self> {
        let read = |path: Option<&str>| path.map_or(Ok(Vec::new()), fs::read);
        if verify && ca_file.is_none() {
            let message = "verify=True needs ca_file: the bundle of trusted certificates";
            return Err(PyValueError::new_err(message));
        }
        let settings = Settings {
            verify,
            authorities: read(ca_file)?,
            certificate: read(cert_file)?,
            key: read(key_file.or(cert_file))?,
            check_hostname,
        };
        Tls::new(&settings).map(Self).map_err(|message| {
            let files: Vec<_> = [ca_file, cert_file, key_file]
                .into_iter()
                .flatten()
                .collect();
            PyValueError::new_err(format!("TLS settings from {}: {message}", files.join(", ")))
        })
    }
}

/// The settings of clients that are given none: any certificate is accepted. Made once, so that all of
/// them share the sessions.
#[cfg(unix)]
pub(super) fn accept_anything(py: Python<'_>) -> PyResult<Tls> {
    static SHARED: pyo3::sync::PyOnceLock<Tls> = pyo3::sync::PyOnceLock::new();
    let made = SHARED.get_or_try_init(py, || Tls::new(&Settings::default()));
    made.cloned().map_err(PyValueError::new_err)
}
