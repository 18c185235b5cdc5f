//! Nothing but tests: the rules of the house that no compiler keeps, and the promise of `docs/parity.md`.
