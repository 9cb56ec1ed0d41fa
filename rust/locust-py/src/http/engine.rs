//! `HttpEngine`: one hub's sockets. Switches to the greenlets whose requests are finished.

use std::cell::Cell;
use std::sync::Mutex;

use locust_http::clock::now_ns;
use locust_http::engine::{Engine, PoolKey, RequestKey};
use pyo3::exceptions::PyRuntimeError;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;

use super::cell::{GilCell, Home};
use super::greenlet::{self, Raised};

/// What is given up while the engine may not be touched.
pub(super) enum Discarded {
    Request(RequestKey),
    Pool(PoolKey),
}

/// What the hub was told last.
#[derive(Default)]
struct Told {
    /// Whether the watcher counts for the loop.
    held: Cell<bool>,
    /// When the timer fires; 0: it does not run.
    armed: Cell<u64>,
    closed: Cell<bool>,
    /// Whether `deliver` runs or will run soon, which switches to every request that is ready.
    delivering: Cell<bool>,
}

#[pyclass(module = "locust_rs._core", frozen)]
pub(super) struct HttpEngine {
    core: GilCell<Engine>,
    home: Home,
    hub: Py<PyAny>,
    hold: Py<PyAny>,
    arm: Py<PyAny>,
    soon: Py<PyAny>,
    told: GilCell<Told>,
    discarded: Mutex<Vec<Discarded>>,
}

impl HttpEngine {
    /// Whether it can be used here: same thread, same process, not closed.
    #[inline]
    pub(super) fn is_usable(&self, py: Python<'_>) -> bool {
        self.home == Home::here() && !self.told.with(py, |told| told.closed.get())
    }

    /// Lends the engine to `work`, which calls no Python.
    #[inline]
    pub(super) fn with<R>(&self, py: Python<'_>, work: impl FnOnce(&mut Engine) -> R) -> R {
        self.core.with(py, work)
    }

    /// Gives something up, now or at the next opportunity.
    pub(super) fn discard(&self, py: Python<'_>, what: Discarded) {
        if self.home != Home::here() {
            return self.put_aside(what);
        }
        let mut what = Some(what);
        self.core
            .try_with(py, |engine| what.take().map(|what| apply(engine, what)));
        match what {
            Some(left) => self.put_aside(left),
            None => self.nudge(py),
        }
    }

    /// Schedules `deliver` for requests that became ready outside `dispatch`: a connection that is given
    /// up frees its slot for the next request in the queue.
    #[inline]
    pub(super) fn nudge(&self, py: Python<'_>) {
        if self.core.try_with(py, |engine| engine.has_ready()) == Some(true)
            && !self.told.with(py, |told| told.delivering.replace(true))
            && let Err(error) = self.soon.call0(py)
        {
            error.write_unraisable(py, Some(self.soon.bind(py)));
        }
    }

    fn put_aside(&self, what: Discarded) {
        if let Ok(mut discarded) = self.discarded.lock() {
            discarded.push(what);
        }
    }

    /// Waits in the current greenlet until something happens to `key`.
    ///
    /// # Errors
    /// What was thrown into the greenlet, or that it is the hub itself, which cannot wait.
    #[inline(always)] // every frame is copied with every switch
    pub(super) fn wait(&self, py: Python<'_>, key: RequestKey) -> Result<(), Raised> {
        // The token is a borrowed pointer: the greenlet is held by this frame, and the token is cleared before the
        // frame ends, whichever way it ends.
        let _current = self.sign_up(py, key)?;
        let result = greenlet::switch(self.hub.bind(py));
        self.sign_off(py, key);
        result
    }

    // Apart from `wait`, whose frame is copied with every switch.
    #[inline(never)]
    fn sign_up<'py>(&self, py: Python<'py>, key: RequestKey) -> Result<Bound<'py, PyAny>, Raised> {
        let current = greenlet::current(py)?;
        if current.is(&self.hub) {
            return Err(Raised::leave(py, in_the_hub()));
        }
        self.with(py, |engine| {
            engine.set_waiter(key, current.as_ptr() as usize)
        });
        if let Err(raised) = self.tell_hub(py) {
            self.sign_off(py, key);
            return Err(raised);
        }
        Ok(current)
    }

    #[inline(never)]
    fn sign_off(&self, py: Python<'_>, key: RequestKey) {
        self.with(py, |engine| engine.clear_waiter(key));
    }

    /// Tells the hub's watchers what has changed: who waits, and until when.
    #[inline]
    fn tell_hub(&self, py: Python<'_>) -> Result<(), Raised> {
        let (waiting, deadline) = self.with(py, |engine| {
            (engine.waiting() > 0, engine.nearest_deadline().unwrap_or(0))
        });
        let (hold, arm) = self.told.with(py, |told| {
            let hold = waiting && !told.held.replace(waiting || told.held.get());
            let armed = told.armed.get();
            let arm = deadline != 0 && (armed == 0 || deadline < armed);
            if arm {
                told.armed.set(deadline);
            }
            (hold, arm)
        });
        if hold || arm {
            self.tell_changes(py, hold, arm.then_some(deadline))
                .map_err(|error| Raised::leave(py, error))?;
        }
        Ok(())
    }

    #[cold]
    #[inline(never)]
    fn tell_changes(&self, py: Python<'_>, hold: bool, arm: Option<u64>) -> PyResult<()> {
        if hold {
            self.hold.call1(py, (true,))?;
        }
        if let Some(deadline) = arm {
            let seconds = deadline.saturating_sub(now_ns()) as f64 / 1e9;
            self.arm.call1(py, (seconds,))?;
        }
        Ok(())
    }

    /// Switches to each greenlet that can go on, then tells the hub's watchers what is left.
    fn deliver(&self, py: Python<'_>) -> PyResult<()> {
        self.told.with(py, |told| told.delivering.set(true));
        self.with(py, Engine::hold_back);
        let mut poller = Ok(());
        // Requests that become ready meanwhile wait for the next iteration of the loop, as timers do.
        for _ in 0..self.with(py, |engine| engine.ready()) {
            let Some(token) = self.with(py, Engine::pop_ready) else {
                break;
            };
            // SAFETY: a token is the pointer of a greenlet that waits in `wait` and so is alive.
            let waiter = unsafe { Bound::from_borrowed_ptr(py, token as *mut pyo3::ffi::PyObject) };
            if let Err(raised) = greenlet::switch(&waiter) {
                raised.take(py).write_unraisable(py, Some(&waiter));
            }
            if self.home == Home::here() && poller.is_ok() {
                poller = self.with(py, Engine::catch_up);
            }
        }
        // A child that was forked meanwhile has the parent's sockets.
        if self.home == Home::here() {
            self.with(py, Engine::send_held_back);
        }
        self.told.with(py, |told| told.delivering.set(false));
        self.settle(py)?;
        Ok(poller?)
    }

    fn settle(&self, py: Python<'_>) -> PyResult<()> {
        let left = self
            .discarded
            .lock()
            .map(|mut list| std::mem::take(&mut *list));
        for what in left.unwrap_or_default() {
            self.with(py, |engine| apply(engine, what));
        }
        self.nudge(py);
        let idle = self.with(py, |engine| engine.waiting() == 0);
        if idle && self.told.with(py, |told| told.held.replace(false)) {
            self.hold.call1(py, (false,))?;
        }
        self.tell_hub(py).map_err(|raised| raised.take(py))
    }
}

#[cold]
fn in_the_hub() -> PyErr {
    PyRuntimeError::new_err(
        "an HTTP request cannot wait in the hub's own greenlet; spawn a greenlet for it",
    )
}

fn apply(engine: &mut Engine, what: Discarded) {
    match what {
        Discarded::Request(key) => engine.cancel(key),
        Discarded::Pool(key) => engine.abandon_pool(key),
    }
}

#[pymethods]
impl HttpEngine {
    #[new]
    fn new(hub: Py<PyAny>, hold: Py<PyAny>, arm: Py<PyAny>, soon: Py<PyAny>) -> PyResult<Self> {
        Ok(Self {
            core: GilCell::new(Engine::new()?),
            home: Home::here(),
            hub,
            hold,
            arm,
            soon,
            told: GilCell::new(Told::default()),
            discarded: Mutex::default(),
        })
    }

    fn fileno(&self, py: Python<'_>) -> i32 {
        self.with(py, |engine| engine.fd())
    }

    fn dispatch(&self, py: Python<'_>) -> PyResult<()> {
        if self.home != Home::here() {
            return Ok(());
        }
        if self.is_usable(py) {
            self.with(py, |engine| engine.poll(0))?;
        }
        self.deliver(py)
    }

    fn expire(&self, py: Python<'_>) -> PyResult<()> {
        if !self.is_usable(py) {
            return Ok(());
        }
        self.told.with(py, |told| told.armed.set(0));
        self.with(py, |engine| engine.expire())?;
        self.deliver(py)
    }

    fn close(&self, py: Python<'_>) {
        if !self.told.with(py, |told| told.closed.replace(true)) {
            self.with(py, |engine| engine.close_all());
            if self.home == Home::here() {
                self.nudge(py);
            }
        }
    }

    #[getter]
    fn open_connections(&self, py: Python<'_>) -> usize {
        self.with(py, |engine| engine.open_connections())
    }

    #[getter]
    fn waiting_requests(&self, py: Python<'_>) -> usize {
        self.with(py, |engine| engine.waiting())
    }

    fn waiting_greenlets<'py>(&self, py: Python<'py>) -> Vec<Bound<'py, PyAny>> {
        if self.home != Home::here() {
            return Vec::new();
        }
        let tokens = self.with(py, |engine| engine.waiters()).into_iter();
        // SAFETY: a token is the pointer of a greenlet that waits in `wait` and so is alive.
        let greenlet =
            |token| unsafe { Bound::from_borrowed_ptr(py, token as *mut pyo3::ffi::PyObject) };
        tokens.map(greenlet).collect()
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.hub)?;
        visit.call(&self.hold)?;
        visit.call(&self.arm)?;
        visit.call(&self.soon)
    }
}
