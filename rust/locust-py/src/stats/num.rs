//! `Num` to and from Python's `int` and `float`.

use locust_stats::num::Num;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyFloat, PyInt};

/// A number that is converted from or to Python, with its kind.
#[derive(Clone, Copy)]
pub struct PyNum(pub Num);

impl<'a, 'py> FromPyObject<'a, 'py> for PyNum {
    type Error = PyErr;

    fn extract(value: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        if let Ok(float) = value.cast::<PyFloat>() {
            return Ok(PyNum(Num::Float(float.value())));
        }
        if value.is_instance_of::<PyInt>() {
            return Ok(PyNum(Num::Int(value.extract()?)));
        }
        // Other number types (numpy's, Decimal) count by their value.
        value
            .extract::<f64>()
            .map(|number| PyNum(Num::Float(number)))
            .map_err(|_| {
                let kind = value
                    .get_type()
                    .name()
                    .map_or_else(|_| "object".into(), |name| name.to_string());
                PyTypeError::new_err(format!("expected a number, got {kind}"))
            })
    }
}

impl<'py> IntoPyObject<'py> for PyNum {
    type Target = PyAny;
    type Output = Bound<'py, PyAny>;
    type Error = std::convert::Infallible;

    fn into_pyobject(self, py: Python<'py>) -> Result<Self::Output, Self::Error> {
        Ok(match self.0 {
            Num::Int(value) => value.into_pyobject(py)?.into_any(),
            Num::Float(value) => PyFloat::new(py, value).into_any(),
        })
    }
}
