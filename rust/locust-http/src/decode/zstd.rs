//! zstd (RFC 8878). The decoder underneath wants whole blocks, so this file finds their ends.

use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

use super::{DecodeError, Sink};

const FRAME_MAGIC: u32 = 0xFD2F_B528;
/// Bytes of a frame that must be there before its header's length is known.
const HEADER_START: usize = 5;

enum Stage {
    Header,
    Blocks {
        checksum: bool,
    },
    /// Bytes of a skippable frame that are still to be skipped.
    Skip(u64),
}

/// Decoder of `zstd`.
pub(super) struct ZstdLayer {
    frame: FrameDecoder,
    stage: Stage,
    pending: Vec<u8>,
    frames: usize,
}

impl Default for ZstdLayer {
    fn default() -> Self {
        Self {
            frame: FrameDecoder::new(),
            stage: Stage::Header,
            pending: Vec::new(),
            frames: 0,
        }
    }
}

impl ZstdLayer {
    pub(super) fn is_complete(&self) -> bool {
        self.frames > 0 && self.pending.is_empty() && matches!(self.stage, Stage::Header)
    }

    pub(super) fn feed(&mut self, input: &[u8], sink: &mut Sink<'_>) -> Result<(), DecodeError> {
        self.pending.extend_from_slice(input);
        let pending = std::mem::take(&mut self.pending);
        let mut used = 0;
        loop {
            let step = self.step(&pending[used..], sink)?;
            used += step;
            if step == 0 {
                break;
            }
        }
        self.pending = pending[used..].to_vec();
        Ok(())
    }

    /// Uses one header, block or piece of a skippable frame; 0 if it is not there entirely.
    fn step(&mut self, input: &[u8], sink: &mut Sink<'_>) -> Result<usize, DecodeError> {
        match self.stage {
            Stage::Skip(left) => {
                let count = input.len().min(usize::try_from(left).unwrap_or(usize::MAX));
                let left = left - count as u64;
                self.stage = if left == 0 {
                    Stage::Header
                } else {
                    Stage::Skip(left)
                };
                Ok(count)
            }
            Stage::Header => self.header(input),
            Stage::Blocks { checksum } => self.block(input, checksum, sink),
        }
    }

    fn header(&mut self, input: &[u8]) -> Result<usize, DecodeError> {
        let Some(start) = input.get(..HEADER_START) else {
            return Ok(0);
        };
        let magic = u32::from_le_bytes([start[0], start[1], start[2], start[3]]);
        if magic & 0xFFFF_FFF0 == 0x184D_2A50 {
            let Some(size) = input.get(4..8) else {
                return Ok(0);
            };
            let size = u32::from_le_bytes([size[0], size[1], size[2], size[3]]);
            self.frames += 1;
            if size > 0 {
                self.stage = Stage::Skip(u64::from(size));
            }
            return Ok(8);
        }
        if magic != FRAME_MAGIC {
            return Err(invalid("it does not begin like one"));
        }
        let flags = start[4];
        let single_segment = flags & 0x20 != 0;
        let dictionary = [0, 1, 2, 4][usize::from(flags & 3)];
        let content_size = match flags >> 6 {
            0 => usize::from(single_segment),
            1 => 2,
            2 => 4,
            _ => 8,
        };
        let length = HEADER_START + usize::from(!single_segment) + dictionary + content_size;
        let Some(header) = input.get(..length) else {
            return Ok(0);
        };
        self.frame
            .reset(header)
            .map_err(|error| invalid(&error.to_string()))?;
        self.stage = Stage::Blocks {
            checksum: flags & 4 != 0,
        };
        Ok(length)
    }

    fn block(
        &mut self,
        input: &[u8],
        checksum: bool,
        sink: &mut Sink<'_>,
    ) -> Result<usize, DecodeError> {
        let Some(start) = input.get(..3) else {
            return Ok(0);
        };
        let header = u32::from_le_bytes([start[0], start[1], start[2], 0]);
        let last = header & 1 != 0;
        let content = if (header >> 1) & 3 == 1 {
            1
        } else {
            (header >> 3) as usize
        };
        let length = 3 + content + if last && checksum { 4 } else { 0 };
        let Some(block) = input.get(..length) else {
            return Ok(0);
        };
        self.frame
            .decode_blocks(block, BlockDecodingStrategy::UptoBlocks(1))
            .map_err(|error| invalid(&error.to_string()))?;
        if let Some(bytes) = self.frame.collect() {
            sink.write(&bytes)?;
        }
        if last {
            self.frames += 1;
            self.stage = Stage::Header;
        }
        Ok(length)
    }
}

fn invalid(detail: &str) -> DecodeError {
    DecodeError::Invalid("zstd", detail.to_owned())
}
