//! Running a plan: workers, events, and one failing run that hurts no other.

pub mod event;
