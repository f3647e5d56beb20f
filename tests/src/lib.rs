//! Helpers that the whole-fleet tests share.
