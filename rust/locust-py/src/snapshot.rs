//! `Snapshot`: whether objects still are what they were, told by comparing pointers.
//!
//! A session is made of dictionaries that its user may edit at any time, and is asked before every request whether that
//! has happened. In Python the question costs more than the request's own work.

use pyo3::ffi;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyFrozenSet, PyList, PyString};

use crate::watch::DictWatch;

/// A dictionary, and what was in it.
struct Entries {
    dict: Py<PyDict>,
    /// In their order; no value: any will do.
    items: Vec<(Py<PyAny>, Option<Py<PyAny>>)>,
}

/// A list, and what was in it.
struct Items {
    list: Py<PyList>,
    items: Vec<Py<PyAny>>,
}

/// An attribute, and its value.
struct Attribute {
    owner: Py<PyAny>,
    name: Py<PyString>,
    value: Py<PyAny>,
}

/// See `_core.pyi`. Like a tuple it never changes, so what refers to it ends reference cycles.
#[pyclass(module = "locust_rs._core", frozen)]
pub struct Snapshot {
    watch: Py<DictWatch>,
    version: u64,
    dicts: Vec<Entries>,
    lists: Vec<Items>,
    attributes: Vec<Attribute>,
}

#[pymethods]
impl Snapshot {
    #[new]
    fn new(
        watch: &Bound<'_, DictWatch>,
        version: u64,
        dicts: Vec<Bound<'_, PyDict>>,
        lists: Vec<Bound<'_, PyList>>,
        attributes: Vec<(Bound<'_, PyAny>, Bound<'_, PyString>)>,
        ignored: &Bound<'_, PyFrozenSet>,
    ) -> PyResult<Self> {
        let attribute = |(owner, name): (Bound<'_, PyAny>, Bound<'_, PyString>)| {
            let value = owner.getattr(&name)?.unbind();
            Ok(Attribute {
                owner: owner.unbind(),
                name: name.unbind(),
                value,
            })
        };
        Ok(Self {
            watch: watch.clone().unbind(),
            version,
            dicts: dicts
                .into_iter()
                .map(|dict| Entries::of(dict, ignored))
                .collect::<PyResult<_>>()?,
            lists: lists.into_iter().map(Items::of).collect(),
            attributes: attributes
                .into_iter()
                .map(attribute)
                .collect::<PyResult<_>>()?,
        })
    }

    fn holds(&self, py: Python<'_>) -> bool {
        self.watch.get().current(py) == self.version
            && self.dicts.iter().all(|known| known.holds(py))
            && self.lists.iter().all(|known| known.holds(py))
            && self.attributes.iter().all(|known| known.holds(py))
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.watch)?;
        for known in &self.dicts {
            visit.call(&known.dict)?;
            for (key, value) in &known.items {
                visit.call(key)?;
                if let Some(value) = value {
                    visit.call(value)?;
                }
            }
        }
        for known in &self.lists {
            visit.call(&known.list)?;
            known.items.iter().try_for_each(|item| visit.call(item))?;
        }
        for known in &self.attributes {
            visit.call(&known.owner)?;
            visit.call(&known.value)?;
        }
        Ok(())
    }
}

impl Entries {
    fn of(dict: Bound<'_, PyDict>, ignored: &Bound<'_, PyFrozenSet>) -> PyResult<Self> {
        let mut items = Vec::with_capacity(dict.len());
        for (key, value) in dict.iter() {
            let value = (!ignored.contains(&key)?).then(|| value.unbind());
            items.push((key.unbind(), value));
        }
        Ok(Self {
            dict: dict.unbind(),
            items,
        })
    }

    #[inline]
    fn holds(&self, py: Python<'_>) -> bool {
        let dict = self.dict.bind(py).as_ptr();
        let (mut position, mut key, mut value) = (0, std::ptr::null_mut(), std::ptr::null_mut());
        let mut known = self.items.iter();
        // SAFETY: a dictionary, held; nothing runs meanwhile that could change it, and the pointers are only compared.
        unsafe {
            while ffi::PyDict_Next(dict, &raw mut position, &raw mut key, &raw mut value) != 0 {
                let same = known.next().is_some_and(|(its_key, its_value)| {
                    its_key.as_ptr() == key
                        && its_value.as_ref().is_none_or(|its| its.as_ptr() == value)
                });
                if !same {
                    return false;
                }
            }
        }
        known.next().is_none()
    }
}

impl Items {
    fn of(list: Bound<'_, PyList>) -> Self {
        Self {
            items: list.iter().map(Bound::unbind).collect(),
            list: list.unbind(),
        }
    }

    #[inline]
    fn holds(&self, py: Python<'_>) -> bool {
        let list = self.list.bind(py);
        list.len() == self.items.len()
            && self.items.iter().enumerate().all(|(index, item)| {
                // SAFETY: a list, held, and the index is below its length; the pointer is only compared.
                let now = unsafe { ffi::PyList_GetItem(list.as_ptr(), index as ffi::Py_ssize_t) };
                now == item.as_ptr()
            })
    }
}

impl Attribute {
    #[inline]
    fn holds(&self, py: Python<'_>) -> bool {
        let now = self.owner.bind(py).getattr(self.name.bind(py));
        now.is_ok_and(|now| now.is(&self.value))
    }
}

/// Adds this file's class to `_core`.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Snapshot>()
}
