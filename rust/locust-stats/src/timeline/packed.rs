//! Points of one width, packed one behind the other: start, size, and pairs of bin and count as short numbers.

use super::Point;
use crate::histogram::Slot;

/// Bins of a packed point. With more of them, neighbours are merged until they are as few; a bin of the precise
/// histogram is at most 0.8 % wide, and each halving of the resolution doubles that.
pub(super) const MOST_BINS: usize = 40;

/// Bytes before the bins of a point: its start and their size.
const HEADER: usize = 10;

/// Points of one width, oldest first.
#[derive(Clone, Debug)]
pub(super) struct Tier {
    width: i64,
    bytes: Vec<u8>,
    /// Where the last point begins; none if there are no bytes.
    last: usize,
}

impl Tier {
    pub(super) fn new(width: i64) -> Self {
        Tier {
            width,
            bytes: Vec::new(),
            last: 0,
        }
    }

    pub(super) fn width(&self) -> i64 {
        self.width
    }

    pub(super) fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// The start of the first point.
    pub(super) fn oldest(&self) -> Option<i64> {
        (!self.is_empty()).then(|| header(&self.bytes).0)
    }

    /// Adds samples of `start`, in the last point if that is theirs or they come late.
    pub(super) fn push(&mut self, start: i64, mut bins: Vec<Slot>) {
        let mut start = start - start.rem_euclid(self.width);
        if !self.is_empty() {
            let (last, _) = header(&self.bytes[self.last..]);
            if last >= start {
                let mut before = Vec::new();
                unpack_bins(&self.bytes[self.last + HEADER..], &mut before);
                merge(&mut bins, &before);
                self.bytes.truncate(self.last);
                start = last;
            }
        }
        coarsen(&mut bins);
        let mut packed = Vec::with_capacity(HEADER + 3 * bins.len());
        packed.extend_from_slice(&start.to_le_bytes());
        packed.extend_from_slice(&[0; 2]);
        pack_bins(&mut packed, &bins);
        let size = (packed.len() - HEADER) as u16;
        packed[HEADER - 2..HEADER].copy_from_slice(&size.to_le_bytes());
        if self.bytes.capacity() - self.bytes.len() < packed.len() {
            // Not doubled: there are hundreds of rows, and a full tier hardly grows any more.
            self.bytes
                .reserve_exact(packed.len() + self.bytes.len() / 8);
        }
        self.last = self.bytes.len();
        self.bytes.extend_from_slice(&packed);
    }

    /// Moves the points of a finer tier that lie before `until`, as far as they fill a point here.
    pub(super) fn take_from(&mut self, finer: &mut Tier, until: i64) {
        let until = until - until.rem_euclid(self.width);
        let mut at = 0;
        let mut group: Option<(i64, Vec<Slot>)> = None;
        while at < finer.bytes.len() {
            let (start, size) = header(&finer.bytes[at..]);
            if start >= until {
                break;
            }
            let mut bins = Vec::new();
            unpack_bins(&finer.bytes[at + HEADER..at + HEADER + size], &mut bins);
            let slot = start.div_euclid(self.width);
            match &mut group {
                Some((found, merged)) if *found == slot => merge(merged, &bins),
                _ => {
                    if let Some((slot, bins)) = group.replace((slot, bins)) {
                        self.push(slot * self.width, bins);
                    }
                }
            }
            at += HEADER + size;
        }
        if let Some((slot, bins)) = group {
            self.push(slot * self.width, bins);
        }
        finer.bytes.drain(..at);
        finer.last = finer.last.saturating_sub(at);
    }

    /// Appends the points.
    pub(super) fn unpack(&self, points: &mut Vec<Point>) {
        let mut at = 0;
        while at < self.bytes.len() {
            let (start, size) = header(&self.bytes[at..]);
            at += HEADER;
            let mut bins = Vec::new();
            unpack_bins(&self.bytes[at..at + size], &mut bins);
            at += size;
            points.push(Point {
                start,
                width: self.width,
                bins,
            });
        }
    }
}

/// Start and size of the bins of the point that begins here.
fn header(bytes: &[u8]) -> (i64, usize) {
    let mut start = [0; 8];
    start.copy_from_slice(&bytes[..8]);
    let size = u16::from_le_bytes([bytes[8], bytes[9]]);
    (i64::from_le_bytes(start), usize::from(size))
}

/// Adds ascending bins to others.
pub(super) fn merge(bins: &mut Vec<Slot>, other: &[Slot]) {
    let mut merged = Vec::with_capacity(bins.len() + other.len());
    let (mut left, mut right) = (bins.iter().peekable(), other.iter().peekable());
    while let (Some(ours), Some(theirs)) = (left.peek(), right.peek()) {
        match ours.bin().cmp(&theirs.bin()) {
            std::cmp::Ordering::Less => merged.extend(left.next()),
            std::cmp::Ordering::Greater => merged.extend(right.next()),
            std::cmp::Ordering::Equal => {
                merged.push(Slot::new(ours.bin(), ours.count() + theirs.count()));
                left.next();
                right.next();
            }
        }
    }
    merged.extend(left);
    merged.extend(right);
    *bins = merged;
}

/// Halves the resolution until there are few enough bins; each stays near the middle of those that it stands for.
fn coarsen(bins: &mut Vec<Slot>) {
    let mut level = 0;
    while bins.len() > MOST_BINS {
        level += 1;
        let mut fewer: Vec<Slot> = Vec::with_capacity(bins.len());
        for slot in bins.iter() {
            let middle = (slot.bin() >> level << level) + (1 << (level - 1));
            match fewer.last_mut() {
                Some(last) if last.bin() == middle => {
                    *last = Slot::new(middle, last.count() + slot.count());
                }
                _ => fewer.push(Slot::new(middle, slot.count())),
            }
        }
        *bins = fewer;
    }
}

fn pack_bins(out: &mut Vec<u8>, bins: &[Slot]) {
    let mut before = 0;
    for slot in bins {
        pack_number(out, u64::from(slot.bin() - before));
        pack_number(out, slot.count());
        before = slot.bin();
    }
}

/// Seven bits a byte, lowest first; the eighth says that more follow.
fn pack_number(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

fn unpack_bins(bytes: &[u8], bins: &mut Vec<Slot>) {
    let mut bytes = bytes.iter();
    let mut bin = 0;
    while let (Some(step), Some(count)) = (unpack_number(&mut bytes), unpack_number(&mut bytes)) {
        bin += step as u16;
        bins.push(Slot::new(bin, count));
    }
}

fn unpack_number(bytes: &mut std::slice::Iter<'_, u8>) -> Option<u64> {
    let mut number = 0;
    for shift in (0..63).step_by(7) {
        let byte = *bytes.next()?;
        number |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(number);
        }
    }
    None
}
