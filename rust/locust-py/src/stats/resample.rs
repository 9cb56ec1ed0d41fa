//! Binding of the bootstrap: the response times of a kept row, and how certain those of two runs are.

use locust_stats::resample::Sample;
use locust_stats::resample::twister::Twister;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

/// See `_core.pyi`.
#[pyclass(module = "locust_rs._core", frozen)]
pub struct TimesSample {
    sample: Sample,
}

#[pymethods]
impl TimesSample {
    #[new]
    fn new(intervals: &str, most_blocks: usize, fractions: Vec<f64>) -> PyResult<Self> {
        Sample::read(intervals.as_bytes(), most_blocks, &fractions)
            .map(|sample| TimesSample { sample })
            .ok_or_else(|| PyValueError::new_err("the intervals of a row are cut off"))
    }

    #[getter]
    fn count(&self) -> u64 {
        self.sample.count()
    }

    #[getter]
    fn blocks(&self) -> usize {
        self.sample.blocks()
    }

    #[getter]
    fn times_ms(&self) -> Vec<f64> {
        self.sample.times_ms()
    }
}

/// See `_core.pyi`. Other threads go on meanwhile.
#[pyfunction]
pub fn resampled_errors(
    py: Python<'_>,
    samples: Vec<Bound<'_, TimesSample>>,
    draws: usize,
    seed: &[u8],
) -> Vec<Vec<f64>> {
    let samples: Vec<&Sample> = samples.iter().map(|one| &one.get().sample).collect();
    py.detach(|| {
        let mut dice = Twister::new(seed);
        let errors = |sample: &&Sample| sample.log_errors(draws, &mut dice);
        samples.iter().map(errors).collect()
    })
}
