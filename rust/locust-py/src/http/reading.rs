//! Reading the body of a response: from the wire, piece by piece, or from what is there.

use locust_http::clock::now_ns;
use locust_http::decode::{DEFAULT_LIMIT, Decoder};
use locust_http::engine::StreamStep;
use locust_http::timing::Timing;
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use super::contents::{Reader, Stream};
use super::failure;
use super::response::HttpResponse;

impl HttpResponse {
    /// Takes the next bytes of a stream into `left`; false at the end.
    fn fill(this: &Bound<'_, Self>) -> PyResult<bool> {
        let py = this.py();
        let response = this.get();
        loop {
            let stream = response.look(py, None, |contents| {
                contents
                    .stream
                    .as_ref()
                    .map(|stream| (stream.engine.clone_ref(py), stream.key))
            });
            let Some((engine, key)) = stream else {
                return Ok(false);
            };
            let engine = engine.get();
            let step = engine.with(py, |core| core.read_stream(key));
            engine.nudge(py);
            match step {
                StreamStep::Wait => engine.wait(py, key).map_err(|raised| raised.take(py))?,
                StreamStep::Bytes(bytes) => {
                    let decoded =
                        response.look(py, Ok(()), |contents| match &mut contents.reader {
                            Reader::Decoding(Some(decoder)) => {
                                decoder.feed(&bytes, &mut contents.left)
                            }
                            _ => {
                                contents.left.extend_from_slice(&bytes);
                                Ok(())
                            }
                        });
                    return match decoded {
                        Ok(()) => Ok(true),
                        Err(error) => {
                            drop(response.end_stream(py));
                            Err(failure::decoding_error(&error, this))
                        }
                    };
                }
                StreamStep::End => {
                    drop(response.end_stream(py));
                    let complete = response.look(py, Ok(()), |contents| match &contents.reader {
                        Reader::Decoding(Some(decoder)) => decoder.finish(),
                        _ => Ok(()),
                    });
                    return match complete {
                        Ok(()) => Ok(false),
                        Err(error) => Err(failure::decoding_error(&error, this)),
                    };
                }
                StreamStep::Failed(failed) => {
                    drop(response.end_stream(py));
                    let timing =
                        response.look(py, Timing::default(), |contents| contents.facts.timing);
                    return Err(failure::exception(py, &failed, &timing, Some(this)));
                }
            }
        }
    }

    /// The stream is over, one way or the other.
    pub(super) fn end_stream(&self, py: Python<'_>) -> Option<Stream> {
        self.look(py, None, |contents| {
            contents.facts.timing.last_byte = now_ns();
            contents.stream.take()
        })
    }

    /// Decides once how `read` gives the body.
    pub(super) fn begin_reading(this: &Bound<'_, Self>, decode: bool) -> PyResult<()> {
        let result = this.get().look(this.py(), Ok(()), |contents| {
            if !matches!(contents.reader, Reader::Untouched) {
                return Ok(());
            }
            let encodings = &contents.response.head.encodings;
            let decoder = if decode {
                Decoder::new(encodings, DEFAULT_LIMIT)?
            } else {
                None
            };
            if contents.stream.is_none() {
                let raw = contents.response.split_body();
                contents.left = raw;
                if let Some(mut decoder) = decoder {
                    let raw = std::mem::take(&mut contents.left);
                    decoder.feed(&raw, &mut contents.left)?;
                    decoder.finish()?;
                }
                contents.reader = Reader::Raw;
            } else if decode {
                contents.reader = Reader::Decoding(decoder.map(Box::new));
            } else {
                contents.reader = Reader::Raw;
            }
            Ok(())
        });
        result.map_err(|error| failure::decoding_error(&error, this))
    }

    /// Reads until `wanted` bytes are there or the body ends.
    pub(super) fn read_at_least(this: &Bound<'_, Self>, wanted: usize) -> PyResult<()> {
        struct Reading<'a, 'py>(&'a HttpResponse, Python<'py>);
        impl Drop for Reading<'_, '_> {
            fn drop(&mut self) {
                self.0.look(self.1, (), |contents| {
                    if let Some(stream) = &mut contents.stream {
                        stream.reading = false;
                    }
                });
            }
        }
        let (py, response) = (this.py(), this.get());
        let taken = response.look(py, false, |contents| {
            contents
                .stream
                .as_mut()
                .is_some_and(|stream| std::mem::replace(&mut stream.reading, true))
        });
        if taken {
            let message = "another greenlet is reading this response; read it in one place";
            return Err(PyRuntimeError::new_err(message));
        }
        let _reading = Reading(response, py);
        while response.look(py, usize::MAX, |contents| contents.left.len()) < wanted {
            if !Self::fill(this)? {
                break;
            }
        }
        Ok(())
    }

    pub(super) fn is_streaming(&self, py: Python<'_>) -> bool {
        self.look(py, false, |contents| contents.stream.is_some())
    }

    /// All that is left of a body that was read as a stream, or None if it was not.
    pub(super) fn rest<'py>(
        this: &Bound<'py, Self>,
        decode: bool,
    ) -> PyResult<Option<Bound<'py, PyBytes>>> {
        let (py, response) = (this.py(), this.get());
        let streamed = response.look(py, false, |contents| {
            contents.stream.is_some() || !matches!(contents.reader, Reader::Untouched)
        });
        if !streamed {
            return Ok(None);
        }
        Self::begin_reading(this, decode)?;
        Self::read_at_least(this, usize::MAX)?;
        let bytes = response.look(py, Vec::new(), |contents| {
            std::mem::take(&mut contents.left)
        });
        Ok(Some(PyBytes::new(py, &bytes)))
    }
}
