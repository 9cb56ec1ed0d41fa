//! br (RFC 7932).

use brotli_decompressor::{BrotliDecompressStream, BrotliResult, BrotliState, StandardAlloc};

use super::{DecodeError, Sink};

const STEP: usize = 32 * 1024;

type State = BrotliState<StandardAlloc, StandardAlloc, StandardAlloc>;

/// Decoder of `br`.
pub(super) struct BrotliLayer {
    state: State,
    piece: Vec<u8>,
    total: usize,
    ended: bool,
}

impl Default for BrotliLayer {
    fn default() -> Self {
        Self {
            state: State::new(
                StandardAlloc::default(),
                StandardAlloc::default(),
                StandardAlloc::default(),
            ),
            piece: vec![0; STEP],
            total: 0,
            ended: false,
        }
    }
}

impl BrotliLayer {
    pub(super) fn is_complete(&self) -> bool {
        self.ended
    }

    pub(super) fn feed(&mut self, input: &[u8], sink: &mut Sink<'_>) -> Result<(), DecodeError> {
        let (mut left, mut offset) = (input.len(), 0);
        while !self.ended {
            let (mut room, mut made) = (self.piece.len(), 0);
            let result = BrotliDecompressStream(
                &mut left,
                &mut offset,
                input,
                &mut room,
                &mut made,
                &mut self.piece,
                &mut self.total,
                &mut self.state,
            );
            sink.write(&self.piece[..made])?;
            match result {
                BrotliResult::ResultSuccess => self.ended = true,
                BrotliResult::NeedsMoreInput => return Ok(()),
                BrotliResult::NeedsMoreOutput => {}
                BrotliResult::ResultFailure => {
                    let detail = "its data are corrupt".to_owned();
                    return Err(DecodeError::Invalid("br", detail));
                }
            }
        }
        Ok(())
    }
}
