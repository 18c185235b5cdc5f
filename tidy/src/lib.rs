//! Tests of the repository itself: rules that no compiler checks, and the promises of `docs/parity.md`.
