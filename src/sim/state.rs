//! A run under way as a value: stepped, saved, resumed.

use super::record::Replication;
use super::world::{Kept, World};
use crate::measure::ENGINE_VERSION;
use crate::model::{Architecture, RunConfig};
use crate::quantity::SimTime;
use thiserror::Error;

/// What every saved state begins with.
const MAGIC: &[u8; 8] = b"sruja st";
/// Bytes of a digest.
const DIGEST: usize = 32;
/// Magic, version of the engine, digest of the run, digest of the rest.
const HEADER: usize = MAGIC.len() + 4 + 2 * DIGEST;

/// Why a saved state can't be resumed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum StateError {
    /// It is not a saved state, or is cut short, or was changed since.
    #[error("the saved state is damaged")]
    Damaged,
    /// Another engine has written it.
    #[error("the saved state is of engine version {0}, and this is version {ENGINE_VERSION}")]
    OtherEngine(u32),
    /// It is of another architecture, or of other conditions.
    #[error("the saved state is of another run")]
    OtherRun,
}

/// One replication under way.
///
/// Its whole state is a value: [`Self::save`] writes it, [`Self::resume`] goes on with it, and the
/// result is the same to the last bit as if nothing had happened in between.
pub struct Simulation<'a> {
    architecture: &'a Architecture,
    config: &'a RunConfig,
    world: World<'a>,
}

impl<'a> Simulation<'a> {
    /// A replication (numbered from 0) in which nothing has happened yet.
    pub fn new(architecture: &'a Architecture, config: &'a RunConfig, replication: u32) -> Self {
        Self { architecture, config, world: World::at_start(architecture, config, replication) }
    }

    /// Goes on with what [`Self::save`] has written.
    ///
    /// # Errors
    /// When the bytes are damaged, of another version of the engine, or of another run.
    pub fn resume(architecture: &'a Architecture, config: &'a RunConfig, state: &[u8]) -> Result<Self, StateError> {
        let Parts { version, run, digest, body } = parts(state).ok_or(StateError::Damaged)?;
        if version != ENGINE_VERSION {
            return Err(StateError::OtherEngine(version));
        }
        if *blake3::hash(body).as_bytes() != digest {
            return Err(StateError::Damaged);
        }
        if run != fingerprint(architecture, config) {
            return Err(StateError::OtherRun);
        }
        let kept: Kept = postcard::from_bytes(body).map_err(|_| StateError::Damaged)?;
        Ok(Self { architecture, config, world: World::resume(architecture, config, kept) })
    }

    /// Its whole state. How much that is follows what is in flight and what is measured, not how long
    /// the run has taken.
    pub fn save(&self) -> Vec<u8> {
        let body = encode(&self.world.state());
        let mut bytes = Vec::with_capacity(HEADER + body.len());
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&ENGINE_VERSION.to_le_bytes());
        bytes.extend_from_slice(&fingerprint(self.architecture, self.config));
        bytes.extend_from_slice(blake3::hash(&body).as_bytes());
        bytes.extend_from_slice(&body);
        bytes
    }

    /// The instant of the last event.
    pub fn now(&self) -> SimTime {
        SimTime(self.world.now())
    }

    /// Events so far.
    pub fn events(&self) -> u64 {
        self.world.events()
    }

    /// Whether nothing is left to do.
    pub fn is_over(&self) -> bool {
        self.world.is_over()
    }

    /// Lets the next event happen; whether there was one.
    pub fn step(&mut self) -> bool {
        let before = self.events();
        self.world.advance(before + 1, u64::MAX, &|_| {});
        self.events() > before
    }

    /// Lets everything happen that is due up to and at `time`.
    pub fn run_until(&mut self, time: SimTime) {
        self.world.advance(u64::MAX, time.0, &|_| {});
    }

    /// Goes on to the end and takes the measures. `progress` is told now and then how far it is, from 0 to 1.
    ///
    /// A run in which nothing has happened yet needs no events for that if nothing feeds back in it, and simpler ones as long
    /// as no call fails; one that was stepped goes on by events, with the same result to the last bit.
    pub fn finish(self, progress: &dyn Fn(f64)) -> Replication {
        let by_events = |mut world: Box<World<'_>>| {
            world.advance(u64::MAX, u64::MAX, progress);
            world.finish_run()
        };
        let run = self.world.finish_feedforward(progress).or_else(|world| world.finish_smoothly(progress));
        run.unwrap_or_else(by_events)
    }
}

/// Of which run a state is.
fn fingerprint(architecture: &Architecture, config: &RunConfig) -> [u8; DIGEST] {
    *blake3::hash(&encode(&(architecture, config))).as_bytes()
}

fn encode(value: &impl serde::Serialize) -> Vec<u8> {
    postcard::to_stdvec(value).expect("plain data of known length, written to memory")
}

/// A saved state, taken apart.
struct Parts<'s> {
    version: u32,
    /// Digest of the run that it is of.
    run: [u8; DIGEST],
    /// Digest of the body.
    digest: [u8; DIGEST],
    body: &'s [u8],
}

fn parts(state: &[u8]) -> Option<Parts<'_>> {
    let rest = state.strip_prefix(MAGIC)?;
    let (version, rest) = rest.split_first_chunk::<4>()?;
    let (run, rest) = rest.split_first_chunk::<DIGEST>()?;
    let (digest, body) = rest.split_first_chunk::<DIGEST>()?;
    Some(Parts { version: u32::from_le_bytes(*version), run: *run, digest: *digest, body })
}
