//! `DictWatch`: whether dictionaries, lists or sets have changed since somebody looked, without looking into them.
//!
//! Modules and classes keep their names in dictionaries. CPython 3.12 and later calls back before it changes one that is
//! watched; its functions for that are not part of the stable interface, so they are looked up by name. CPython 3.11
//! gives a dictionary another version tag with every change, in a field of its own.

use std::sync::atomic::{AtomicU64, Ordering};

use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PySet};

use crate::http::cell::GilCell;

/// How a change of a dictionary becomes known.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Means {
    /// The interpreter calls back, which counts in `CHANGES`.
    Callback,
    /// A field of the dictionary, as its kept values are compared with.
    Tag,
    /// Not at all: the interpreter is another one.
    None,
}

/// Changes of watched dictionaries, of all watches.
static CHANGES: AtomicU64 = AtomicU64::new(0);

/// A dictionary and its version tag as last seen.
struct Tagged {
    dict: Py<PyDict>,
    tag: u64,
}

/// A list, and what was in it.
struct Contents {
    list: Py<PyList>,
    size: ffi::Py_ssize_t,
    /// The first of them.
    items: Vec<Py<PyAny>>,
}

/// How many items of a list are compared: options have few; a longer list is not an option.
const COMPARED_ITEMS: usize = 2;

struct Watched {
    dicts: Vec<Tagged>,
    lists: Vec<Contents>,
    /// Sets, and how many elements they had.
    sets: Vec<(Py<PySet>, ffi::Py_ssize_t)>,
    /// Changes that were noticed by comparison.
    noticed: u64,
}

/// See `_core.pyi`. It is kept as long as the process: what it holds is never collected.
#[pyclass(module = "locust_rs._core", frozen)]
pub struct DictWatch {
    means: Means,
    watched: GilCell<Watched>,
}

impl DictWatch {
    /// A number that is another one after each change.
    #[inline]
    pub fn current(&self, py: Python<'_>) -> u64 {
        self.watched.with(py, |watched| {
            let differs = (self.means == Means::Tag && watched.has_other_tags())
                || watched.has_other_items(py)
                || watched.has_other_sizes();
            if differs {
                watched.note(self.means == Means::Tag);
            }
            watched
                .noticed
                .wrapping_add(CHANGES.load(Ordering::Relaxed))
        })
    }
}

#[pymethods]
impl DictWatch {
    #[new]
    fn new(
        py: Python<'_>,
        dicts: Vec<Bound<'_, PyDict>>,
        lists: Vec<Bound<'_, PyList>>,
        sets: Vec<Bound<'_, PySet>>,
    ) -> PyResult<Self> {
        let means = means(py, &dicts)?;
        let tagged = |dict: Bound<'_, PyDict>| Tagged {
            dict: dict.unbind(),
            tag: 0,
        };
        let contents = |list: Bound<'_, PyList>| Contents {
            list: list.unbind(),
            size: 0,
            items: Vec::new(),
        };
        let mut watched = Watched {
            dicts: dicts.into_iter().map(tagged).collect(),
            lists: lists.into_iter().map(contents).collect(),
            sets: sets.into_iter().map(|set| (set.unbind(), 0)).collect(),
            noticed: 0,
        };
        watched.note(means == Means::Tag);
        Ok(Self {
            means,
            watched: GilCell::new(watched),
        })
    }

    #[getter]
    fn sees_dicts(&self) -> bool {
        self.means != Means::None
    }

    fn version(&self, py: Python<'_>) -> u64 {
        self.current(py)
    }
}

impl Watched {
    #[inline]
    fn has_other_tags(&self) -> bool {
        // All of them, without a branch for each: hardly ever does one differ.
        let difference = self.dicts.iter().fold(0, |difference, known| {
            // SAFETY: `means` has found the field in this interpreter's dictionaries, and the dictionary is held.
            difference | (unsafe { tag_of(known.dict.as_ptr()) } ^ known.tag)
        });
        difference != 0
    }

    #[inline]
    fn has_other_items(&self, py: Python<'_>) -> bool {
        self.lists.iter().any(|known| {
            let list = known.list.as_ptr();
            // SAFETY: a list, held; the indices are below its size, and nothing changes it meanwhile.
            unsafe {
                ffi::Py_SIZE(list) != known.size
                    || known.items.iter().enumerate().any(|(index, item)| {
                        ffi::PyList_GetItem(list, index as ffi::Py_ssize_t)
                            != item.bind(py).as_ptr()
                    })
            }
        })
    }

    #[inline]
    fn has_other_sizes(&self) -> bool {
        self.sets
            .iter()
            // SAFETY: a set, held.
            .any(|(set, size)| unsafe { ffi::PySet_Size(set.as_ptr()) } != *size)
    }

    /// Keeps everything as it is now.
    #[cold]
    fn note(&mut self, has_tags: bool) {
        self.noticed = self.noticed.wrapping_add(1);
        Python::attach(|py| {
            for known in &mut self.dicts {
                if has_tags {
                    // SAFETY: as in `has_other_tags`.
                    known.tag = unsafe { tag_of(known.dict.as_ptr()) };
                }
            }
            for known in &mut self.lists {
                let list = known.list.bind(py);
                known.size = list.len() as ffi::Py_ssize_t;
                // Options and names, whose end runs no code.
                known.items = list
                    .iter()
                    .take(COMPARED_ITEMS)
                    .map(Bound::unbind)
                    .collect();
            }
            for (set, size) in &mut self.sets {
                // SAFETY: a set, held.
                *size = unsafe { ffi::PySet_Size(set.as_ptr()) };
            }
        });
    }
}

/// Where a dictionary of CPython 3.11 has its version tag: behind the head of every object and the number of its items.
const TAG_OFFSET: usize = 24;

/// The version tag of a dictionary.
///
/// # Safety
/// A dictionary of an interpreter that has the tag there.
#[inline]
unsafe fn tag_of(dict: *mut ffi::PyObject) -> u64 {
    // SAFETY: as the caller promises; the field is aligned to its size.
    unsafe { dict.byte_add(TAG_OFFSET).cast::<u64>().read() }
}

/// Finds out how changes become known, and has the interpreter watch if it can.
fn means(py: Python<'_>, dicts: &[Bound<'_, PyDict>]) -> PyResult<Means> {
    if py.version_info() >= (3, 12) {
        return callback::watch(dicts);
    }
    let is_tagged = cfg!(target_pointer_width = "64") && has_tags(py)?;
    Ok(if is_tagged { Means::Tag } else { Means::None })
}

/// Whether dictionaries have the tag: builds for debugging have a larger head before it.
fn has_tags(py: Python<'_>) -> PyResult<bool> {
    let basic_size: usize = py
        .get_type::<PyDict>()
        .getattr("__basicsize__")?
        .extract()?;
    let dict = PyDict::new(py);
    dict.set_item("a", 1)?;
    if basic_size < TAG_OFFSET + 8 {
        return Ok(false);
    }
    // SAFETY: it is within the object, as its size says.
    let tag = || unsafe { tag_of(dict.as_ptr()) };
    let (first, again) = (tag(), tag());
    dict.set_item("a", 2)?;
    let second = tag();
    dict.set_item("a", 3)?;
    // The interpreter counts all changes of dictionaries: later tags are larger, but no pointer or size is as close.
    Ok(first == again && first < second && second < tag() && tag() - first < 1_000_000)
}

#[cfg(unix)]
mod callback {
    use std::ffi::{CStr, c_char, c_int, c_void};
    use std::sync::OnceLock;

    use super::{Bound, CHANGES, Means, Ordering, PyDict, PyErr, PyResult, ffi};

    type Callback = unsafe extern "C" fn(
        c_int,
        *mut ffi::PyObject,
        *mut ffi::PyObject,
        *mut ffi::PyObject,
    ) -> c_int;
    type AddWatcher = unsafe extern "C" fn(Callback) -> c_int;
    type Watch = unsafe extern "C" fn(c_int, *mut ffi::PyObject) -> c_int;

    unsafe extern "C" fn count(
        _event: c_int,
        _dict: *mut ffi::PyObject,
        _key: *mut ffi::PyObject,
        _value: *mut ffi::PyObject,
    ) -> c_int {
        CHANGES.fetch_add(1, Ordering::Relaxed);
        0
    }

    /// Has the interpreter count the changes of `dicts`.
    pub(super) fn watch(dicts: &[Bound<'_, PyDict>]) -> PyResult<Means> {
        static WATCHER: OnceLock<Option<(Watch, c_int)>> = OnceLock::new();
        let Some((watch, id)) = WATCHER.get_or_init(register) else {
            return Ok(Means::None);
        };
        for dict in dicts {
            // SAFETY: the interpreter is attached, the id is its own, and the object a dictionary.
            if unsafe { watch(*id, dict.as_ptr()) } != 0 {
                return Err(PyErr::fetch(dict.py()));
            }
        }
        Ok(Means::Callback)
    }

    /// The interpreter's function to watch a dictionary, and the id of our callback.
    fn register() -> Option<(Watch, c_int)> {
        let (add, watch) = (find(c"PyDict_AddWatcher")?, find(c"PyDict_Watch")?);
        // SAFETY: functions of CPython with these signatures since 3.12.
        let (add, watch) = unsafe {
            (
                std::mem::transmute::<*mut c_void, AddWatcher>(add),
                std::mem::transmute::<*mut c_void, Watch>(watch),
            )
        };
        // SAFETY: the caller is attached to the interpreter.
        let id = unsafe { add(count) };
        if id < 0 {
            // SAFETY: as above. All ids are taken, which is not an error here.
            unsafe { ffi::PyErr_Clear() };
            return None;
        }
        Some((watch, id))
    }

    fn find(name: &CStr) -> Option<*mut c_void> {
        let name: *const c_char = name.as_ptr();
        // SAFETY: a string that ends with a zero.
        let found = unsafe { libc::dlsym(libc::RTLD_DEFAULT, name) };
        (!found.is_null()).then_some(found)
    }
}

#[cfg(not(unix))]
mod callback {
    use super::{Bound, Means, PyDict, PyResult};

    pub(super) fn watch(_dicts: &[Bound<'_, PyDict>]) -> PyResult<Means> {
        Ok(Means::None)
    }
}

/// Adds this file's class to `_core`.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<DictWatch>()
}
