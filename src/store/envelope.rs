//! How anything lies on disk: a head that says what it is, the content packed, a digest of both.

use serde::Serialize;
use serde::de::DeserializeOwned;

const MAGIC: &[u8; 6] = b"sruja\0";
/// Raised when the layout of an envelope changes.
const FORMAT: u16 = 1;
/// Bytes of [`Head`] as written.
const HEAD: usize = 45;
/// Bytes of the content's length before packing.
const LENGTH: usize = 8;
/// Bytes of the digest at the end (BLAKE3).
const DIGEST: usize = 32;
/// More than this is refused on both ways, in bytes of content.
const MOST: usize = 1 << 28;
/// Higher levels pack a few per cent more and take several times as long.
const LEVEL: i32 = 3;

/// Largest file that can be an envelope.
pub(super) const MOST_ON_DISK: u64 = MOST as u64 + 4096;

/// What a file must be to be of use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Head {
    /// What it holds.
    pub kind: Kind,
    /// Which engine it is from; 0 where that does not matter.
    pub engine: u32,
    /// Which fields the content has.
    pub shape: u64,
    /// Its key; 0 where it has none.
    pub key: [u8; 16],
    /// The seed.
    pub seed: u64,
}

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// What one run yielded.
    Result = 1,
    /// What the runs of one invocation were made by.
    Recipes = 2,
}

impl Head {
    fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(HEAD);
        bytes.extend(MAGIC);
        bytes.extend(FORMAT.to_le_bytes());
        bytes.push(self.kind as u8);
        bytes.extend(self.engine.to_le_bytes());
        bytes.extend(self.shape.to_le_bytes());
        bytes.extend(self.key);
        bytes.extend(self.seed.to_le_bytes());
        bytes
    }
}

/// `content` as it lies on disk; `None` when it is too large to be worth it.
pub(super) fn seal(head: &Head, content: &impl Serialize) -> Option<Vec<u8>> {
    let plain = postcard::to_stdvec(content).ok().filter(|plain| plain.len() <= MOST)?;
    let mut bytes = head.bytes();
    bytes.extend((plain.len() as u64).to_le_bytes());
    bytes.extend(zstd::bulk::compress(&plain, LEVEL).ok()?);
    let digest = blake3::hash(&bytes);
    bytes.extend(digest.as_bytes());
    Some(bytes)
}

/// The content of a file that is what `head` says, to the last bit.
pub(super) fn open<T: DeserializeOwned>(head: &Head, bytes: &[u8]) -> Option<T> {
    let (sealed, digest) = bytes.split_last_chunk::<DIGEST>()?;
    let rest = sealed.strip_prefix(&*head.bytes())?;
    if blake3::hash(sealed) != *digest {
        return None;
    }
    let (length, packed) = rest.split_first_chunk::<LENGTH>()?;
    let length = usize::try_from(u64::from_le_bytes(*length)).ok().filter(|length| *length <= MOST)?;
    let plain = zstd::bulk::decompress(packed, length).ok().filter(|plain| plain.len() == length)?;
    let (content, left) = postcard::take_from_bytes(&plain).ok()?;
    left.is_empty().then_some(content)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const IT: Head = Head { kind: Kind::Result, engine: 1, shape: 7, key: [3; 16], seed: 42 };

    fn sealed() -> Vec<u8> {
        seal(&IT, &vec![1.5f64, -0.0, f64::NAN, f64::INFINITY]).unwrap()
    }

    fn opens(head: &Head, bytes: &[u8]) -> bool {
        open::<Vec<f64>>(head, bytes).is_some()
    }

    #[test]
    fn what_is_sealed_opens_to_the_same_bits() {
        let bits = |numbers: &[f64]| numbers.iter().map(|n| n.to_bits()).collect::<Vec<_>>();
        let opened: Vec<f64> = open(&IT, &sealed()).unwrap();
        assert_eq!(bits(&opened), bits(&[1.5, -0.0, f64::NAN, f64::INFINITY]));
        assert_eq!(IT.bytes().len(), HEAD);
    }

    #[test]
    fn no_flipped_bit_and_no_lost_byte_goes_unseen() {
        let whole = sealed();
        for at in 0..whole.len() {
            assert!(!opens(&IT, &whole[..at]), "cut at {at}");
            for bit in 0..8 {
                let mut bytes = whole.clone();
                bytes[at] ^= 1 << bit;
                assert!(!opens(&IT, &bytes), "bit {bit} of byte {at}");
            }
        }
        assert!(!opens(&IT, &[whole.as_slice(), &[0]].concat()));
    }

    #[test]
    fn what_is_of_another_kind_engine_shape_key_or_seed_is_foreign() {
        let whole = sealed();
        let others = [
            Head { kind: Kind::Recipes, ..IT },
            Head { engine: 2, ..IT },
            Head { shape: 8, ..IT },
            Head { key: [4; 16], ..IT },
            Head { seed: 43, ..IT },
        ];
        assert!(opens(&IT, &whole) && others.iter().all(|other| !opens(other, &whole)));
    }

    /// As an attacker would: a right digest over wrong content.
    fn forged(rest: &[u8]) -> Vec<u8> {
        let mut bytes = IT.bytes();
        bytes.extend(rest);
        let digest = blake3::hash(&bytes);
        bytes.extend(digest.as_bytes());
        bytes
    }

    #[test]
    fn a_forged_length_is_not_believed() {
        let packed = zstd::bulk::compress(&[1, 2], LEVEL).unwrap();
        for length in [0u64, 1, 3, 1 << 40, u64::MAX] {
            assert!(!opens(&IT, &forged(&[&length.to_le_bytes(), packed.as_slice()].concat())), "{length}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_refused_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(!opens(&IT, &bytes));
            let _ = open::<crate::measure::RunMeasures>(&IT, &forged(&bytes));
        }
    }
}
