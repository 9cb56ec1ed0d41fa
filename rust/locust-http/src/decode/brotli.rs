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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_look_like_brotli_are_refused_whole_and_in_pieces() {
        let bytes = [
            3, 0, 0, 0, 0xa2, 0xa2, 0x7a, 0xa2, 0xa2, 0xa2, 0x55, 0x1d, 0x7a, 0xff, 0xff, 0xff,
            0xff, 0xff, 0xff, 0xff, 0xff, 0xf1, 0, 0, 0, 0,
        ];
        for cut in 0..=bytes.len() {
            let mut output = Vec::new();
            let mut sink = Sink {
                bytes: &mut output,
                limit: 1 << 20,
            };
            let mut layer = BrotliLayer::default();
            let (first, second) = bytes.split_at(cut);
            let result = layer
                .feed(first, &mut sink)
                .and_then(|()| layer.feed(second, &mut sink));
            assert!(result.is_err() || !layer.is_complete(), "cut at {cut}");
        }
    }
}
