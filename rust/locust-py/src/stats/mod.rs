//! Binding of statistics: rows, errors and the listener that counts requests.

pub mod entry;
pub mod error;
pub mod evidence;
pub mod fire;
mod groups;
pub mod num;
pub mod recorder;
pub mod resample;
pub mod table;
pub mod text;

use pyo3::prelude::*;

/// Adds this area's classes and functions to `_core`.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<entry::EntryCore>()?;
    module.add_class::<entry::PreciseMark>()?;
    module.add_class::<error::ErrorCore>()?;
    module.add_class::<recorder::RequestRecorder>()?;
    module.add_class::<fire::RequestFire>()?;
    module.add_class::<resample::TimesSample>()?;
    module.add_function(wrap_pyfunction!(resample::resampled_errors, module)?)?;
    module.add_function(wrap_pyfunction!(fire::native_fire, module)?)?;
    module.add_function(wrap_pyfunction!(table::stats_changed, module)?)?;
    module.add_function(wrap_pyfunction!(table::stats_errors_changed, module)?)?;
    module.add_function(wrap_pyfunction!(text::stats_requests_csv, module)?)?;
    module.add_function(wrap_pyfunction!(text::stats_request_rows, module)?)?;
    module.add_function(wrap_pyfunction!(text::stats_history_csv, module)?)?;
    module.add_function(wrap_pyfunction!(text::stats_json, module)?)?;
    module.add_function(wrap_pyfunction!(text::stats_page_rows, module)?)?;
    Ok(())
}
