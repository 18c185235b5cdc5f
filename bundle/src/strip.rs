//! Removes panic messages and other unused code from a module.
//!
//! A panic still traps. The precompiled standard library formats panic messages, and linkers keep every function that
//! is in a function table. A nightly compiler can omit them by flags; here their bodies are replaced with a trap, and
//! the optimiser removes the code that only they reached.

use std::collections::BTreeSet;

use walrus::ir::Value;
use walrus::{ConstExpr, DataId, DataKind, FunctionBuilder, FunctionId, FunctionKind, Module};

/// Name prefixes of functions that format a panic and do not return.
const PANIC_FUNCTIONS: [&str; 15] = [
    "__rustc::rust_begin_unwind",
    "__rustc::rust_panic",
    "alloc::alloc::handle_alloc_error",
    "alloc::raw_vec::capacity_overflow",
    "alloc::raw_vec::handle_error",
    "core::cell::panic_",
    "core::option::expect_failed",
    "core::option::unwrap_failed",
    "core::panicking::",
    "core::result::unwrap_failed",
    "core::slice::copy_from_slice_impl::len_mismatch_fail",
    "core::slice::index::slice_index_fail",
    "core::str::slice_error_fail",
    "std::panicking::panic_handler",
    "std::panicking::panic_with_hook",
];

/// Name parts of `Debug` formatting, which panic messages use. A page must not use it: it would trap.
const DEBUG_FORMATTING: [&str; 3] = [" as core::fmt::Debug>::fmt", "core::fmt::builders::", "<char>::escape_debug"];

/// Name parts of functions that only the classes removed by `glue` call.
const CLASS_HELPERS: [&str; 2] = ["js_sys::futures::future_to_promise", "wasm_streams::"];

/// Size in bytes of a `core::panic::Location`: path pointer, path length, line and column.
const LOCATION_SIZE: usize = 16;

pub(crate) fn strip_unused(module: &mut Module) {
    let is_dead = |name: &str| {
        let name = without_hashes(name);
        PANIC_FUNCTIONS.iter().any(|start| name.starts_with(start))
            || DEBUG_FORMATTING.iter().chain(&CLASS_HELPERS).any(|part| name.contains(part))
    };
    let local = module.funcs.iter_local().map(|(id, _)| id);
    let found: Vec<FunctionId> =
        local.filter(|id| module.funcs.get(*id).name.as_deref().is_some_and(is_dead)).collect();
    for id in found {
        replace_with_trap(module, id);
    }
    blank_locations(module);
}

/// Removes the crate hashes of a demangled name: `core[c5930c85a12de822]::str` becomes `core::str`.
fn without_hashes(name: &str) -> String {
    let mut plain = String::new();
    let mut rest = name;
    while let Some((before, after)) = rest.split_once('[') {
        plain.push_str(before);
        rest = match after.split_once(']') {
            Some((hash, behind)) if hash.len() == 16 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()) => behind,
            _ => {
                plain.push('[');
                after
            }
        };
    }
    plain + rest
}

/// Replaces the body of a function with a trap.
fn replace_with_trap(module: &mut Module, id: FunctionId) {
    let kind = module.types.get(module.funcs.get(id).ty());
    let (params, results) = (kind.params().to_vec(), kind.results().to_vec());
    let mut builder = FunctionBuilder::new(&mut module.types, &params, &results);
    builder.func_body().unreachable();
    let params = params.into_iter().map(|kind| module.locals.add(kind)).collect();
    module.funcs.get_mut(id).kind = FunctionKind::Local(builder.local_func(params));
}

/// Overwrites panic locations, and the source paths they point to, with zeros.
fn blank_locations(module: &mut Module) {
    let segments: Vec<(DataId, usize)> =
        module.data.iter().filter_map(|data| Some((data.id(), start(data)?))).collect();
    let mut blanks = BTreeSet::new();
    for (id, start) in &segments {
        let value = &module.data.get(*id).value;
        for at in (start.wrapping_neg() % 4..value.len().saturating_sub(LOCATION_SIZE - 1)).step_by(4) {
            let word = |n: usize| {
                let bytes = value.get(at + 4 * n..)?.first_chunk()?;
                usize::try_from(u32::from_le_bytes(*bytes)).ok()
            };
            let (Some(path), Some(length), Some(line), Some(column)) = (word(0), word(1), word(2), word(3)) else {
                continue;
            };
            if !(1..100_000).contains(&line) || !(1..1000).contains(&column) {
                continue;
            }
            let target = segments.iter().find_map(|(id, start)| {
                let from = path.checked_sub(*start)?;
                let text = module.data.get(*id).value.get(from..from.checked_add(length)?)?;
                is_path(text).then_some((*id, from, length))
            });
            if let Some(target) = target {
                blanks.extend([(*id, at, LOCATION_SIZE), target]);
            }
        }
    }
    for (id, from, length) in blanks {
        module.data.get_mut(id).value[from..from + length].fill(0);
    }
}

/// Returns the memory offset of a segment.
fn start(data: &walrus::Data) -> Option<usize> {
    match data.kind {
        DataKind::Active { offset: ConstExpr::Value(Value::I32(offset)), .. } => usize::try_from(offset).ok(),
        _ => None,
    }
}

fn is_path(text: &[u8]) -> bool {
    let fits = |byte: &u8| byte.is_ascii_alphanumeric() || b"/._-".contains(byte);
    text.ends_with(b".rs") && text.iter().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crate_hashes_are_stripped_and_slices_are_kept() {
        assert_eq!(without_hashes("core[c5930c85a12de822]::str::<[u8] as X>"), "core::str::<[u8] as X>");
    }
}
