//! Slots for values under keys that are never used twice: the key of a removed value finds nothing.

use std::marker::PhantomData;

/// Where a value is: the place and the generation of its use.
pub struct Key<T>(u64, PhantomData<fn() -> T>);

impl<T> Key<T> {
    /// The key as a number, for interfaces that take numbers.
    pub fn to_bits(self) -> u64 {
        self.0
    }

    /// The key that [`Key::to_bits`] gave.
    pub fn from_bits(bits: u64) -> Self {
        Key(bits, PhantomData)
    }

    fn new(index: usize, generation: u32) -> Self {
        Key((u64::from(generation) << 32) | index as u64, PhantomData)
    }

    fn index(self) -> usize {
        (self.0 & 0xffff_ffff) as usize
    }

    fn generation(self) -> u32 {
        (self.0 >> 32) as u32
    }
}

impl<T> Clone for Key<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Key<T> {}
impl<T> PartialEq for Key<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<T> Eq for Key<T> {}
impl<T> PartialOrd for Key<T> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<T> Ord for Key<T> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.cmp(&other.0)
    }
}
impl<T> std::fmt::Debug for Key<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Key({}, {})", self.index(), self.generation())
    }
}

struct Place<T> {
    generation: u32,
    value: Option<T>,
}

/// A growing array of places with a list of the free ones.
pub struct Slab<T> {
    places: Vec<Place<T>>,
    free: Vec<u32>,
}

impl<T> Default for Slab<T> {
    fn default() -> Self {
        Self {
            places: Vec::new(),
            free: Vec::new(),
        }
    }
}

impl<T> Slab<T> {
    /// Values in it.
    pub fn len(&self) -> usize {
        self.places.len() - self.free.len()
    }

    /// Puts a value in and returns its key.
    pub fn insert(&mut self, value: T) -> Key<T> {
        if let Some(index) = self.free.pop() {
            let place = &mut self.places[index as usize];
            place.value = Some(value);
            return Key::new(index as usize, place.generation);
        }
        self.places.push(Place {
            generation: 1,
            value: Some(value),
        });
        Key::new(self.places.len() - 1, 1)
    }

    /// The value of `key`, if it is still there.
    pub fn get(&self, key: Key<T>) -> Option<&T> {
        let place = self.places.get(key.index())?;
        if place.generation == key.generation() {
            place.value.as_ref()
        } else {
            None
        }
    }

    /// The value of `key`, if it is still there.
    pub fn get_mut(&mut self, key: Key<T>) -> Option<&mut T> {
        let place = self.places.get_mut(key.index())?;
        if place.generation == key.generation() {
            place.value.as_mut()
        } else {
            None
        }
    }

    /// Takes the value of `key` out; the key is void from now on.
    pub fn remove(&mut self, key: Key<T>) -> Option<T> {
        let place = self.places.get_mut(key.index())?;
        if place.generation != key.generation() {
            return None;
        }
        let value = place.value.take()?;
        place.generation = place.generation.wrapping_add(1);
        self.free.push(key.index() as u32);
        Some(value)
    }

    /// The keys of all values.
    pub fn keys(&self) -> Vec<Key<T>> {
        let used = self
            .places
            .iter()
            .enumerate()
            .filter(|(_, place)| place.value.is_some());
        used.map(|(index, place)| Key::new(index, place.generation))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_void_once_its_value_is_removed() {
        let mut slab = Slab::default();
        let first = slab.insert('a');
        assert_eq!(slab.remove(first), Some('a'));
        let second = slab.insert('b');
        assert_eq!(slab.get(first), None);
        assert_eq!(slab.remove(first), None);
        assert_eq!(slab.get(second), Some(&'b'));
        assert_eq!((slab.len(), slab.keys()), (1, vec![second]));
    }
}
