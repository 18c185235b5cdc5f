//! From Rust to the module that a browser loads: compiled, glued to JavaScript, made small.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde::Deserialize;
use walrus::Module;
use wasm_bindgen_cli_support::Bindgen;

use crate::cache::Cache;
use crate::error::Error;
use crate::tool::{self, ESBUILD};
use crate::view::PageView;
use crate::workspace::Workspace;
use crate::{glue, strip, timed};

const TARGET: &str = "wasm32-unknown-unknown";

/// As in `package.json`; a new version must not be given the old one's results.
const BINARYEN: &str = "binaryen 132.0.0";

/// What rustc uses on this target without being asked; wasm-bindgen drops the section that says so.
const WASM_OPT: [&str; 12] = [
    // Taken apart and put together again, the control flow comes out a hundredth smaller.
    "--flatten",
    "--rereloop",
    "-Oz",
    "-Oz",
    // The stack comes first and ends there: no address is that small.
    "--low-memory-unused",
    // Instances of one generic function side by side compress better.
    "--reorder-functions-by-name",
    "--enable-bulk-memory",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-reference-types",
    "--enable-multivalue",
];

/// What is done between the tools, here: other sources, other results.
const OWN_STEPS: [&str; 3] = [include_str!("wasm.rs"), include_str!("strip.rs"), include_str!("glue.rs")];

/// A module and the JavaScript that loads it.
pub(crate) struct WasmPage {
    pub(crate) js: Vec<u8>,
    pub(crate) wasm: Vec<u8>,
}

/// The same before it is made small, and what the module asks of the script.
struct BoundModule {
    js: String,
    wasm: Vec<u8>,
    imports: BTreeSet<String>,
}

impl WasmPage {
    /// Both in one entry of the cache: eight bytes that say how long the JavaScript is, then one after the other.
    fn pack(&self) -> Vec<u8> {
        [&(self.js.len() as u64).to_le_bytes(), &self.js[..], &self.wasm].concat()
    }

    fn unpack(packed: &[u8]) -> Self {
        let (length, rest) = packed.split_first_chunk().unwrap_or((&[0; 8], packed));
        let length = usize::try_from(u64::from_le_bytes(*length)).unwrap_or(usize::MAX);
        let (js, wasm) = rest.split_at(length.min(rest.len()));
        Self { js: js.to_vec(), wasm: wasm.to_vec() }
    }
}

/// Cargo's own words about one thing it built; the other kinds of message have none of these fields.
#[derive(Deserialize)]
struct Artifact {
    #[serde(default)]
    target: Option<Target>,
    #[serde(default)]
    filenames: Vec<PathBuf>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
}

/// The front end for one view, as it will be served; remade only when one of its sources or tools changed.
pub(crate) fn page(workspace: &Workspace, cache: &Cache, sources: &str, view: PageView) -> Result<WasmPage, Error> {
    let root = &workspace.root;
    let step = format!("page {} {} {ESBUILD} {BINARYEN} {WASM_OPT:?} {OURS:?}", view.name(), remap_path_flags());
    let packed = cache.get(&step, sources.as_bytes(), |_| {
        let module = timed(view, "compile", || compile(root, view))?;
        let bound = timed(view, "wasm-bindgen", || bind(view, &module))?;
        let wasm = timed(view, "wasm-opt", || optimise(root, cache, &bound.wasm))?;
        let module = Module::from_buffer(&wasm).map_err(bindgen_error(view))?;
        let js = glue::without_imports(bound.js, &bound.imports, &glue::imports(&module));
        let js = timed(view, "esbuild", || tool::minify_js(root, cache, js.as_bytes()))?;
        Ok(WasmPage { js, wasm }.pack())
    })?;
    Ok(WasmPage::unpack(&packed))
}

/// Compiles the front end for one view and returns the module.
///
/// All three views are written to the same file, one over the other, so it is read at once.
fn compile(root: &Path, view: PageView) -> Result<Vec<u8>, Error> {
    let output = tool::cargo(root)
        .args(["build", "--package", "frontend", "--lib", "--target", TARGET, "--profile", "wasm-release"])
        .args(["--no-default-features", "--features", view.name(), "--locked"])
        .arg("--message-format=json-render-diagnostics")
        .args(["--config", &remap_path_flags()])
        .stderr(Stdio::inherit())
        .output()
        .map_err(|source| Error::ToolDidNotStart { tool: "cargo".to_owned(), source })?;
    if !output.status.success() {
        return Err(Error::CompilationFailed { view: view.name() });
    }
    let file = module_of(&output.stdout)?.ok_or(Error::NoModule { view: view.name() })?;
    fs::read(&file).map_err(Error::file("read", &file))
}

fn module_of(messages: &[u8]) -> Result<Option<PathBuf>, Error> {
    for line in messages.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        let artifact: Artifact = serde_json::from_slice(line).map_err(|source| Error::InvalidCargoOutput { source })?;
        if artifact.target.is_some_and(|target| target.name == "frontend") {
            let found = artifact.filenames.into_iter().find(|file| file.extension().is_some_and(|end| end == "wasm"));
            return Ok(found);
        }
    }
    Ok(None)
}

/// Panic messages name source files: without this a guest would download the paths of the builder's home folder,
/// and the same source would give another hash on every machine.
fn remap_path_flags() -> String {
    let home = std::env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::home_dir().map(|home| home.join(".cargo")))
        .unwrap_or_default();
    let registries = fs::read_dir(home.join("registry/src")).into_iter().flatten().flatten();
    let flags: Vec<String> =
        registries.map(|registry| format!("--remap-path-prefix={}=crates", registry.path().display())).collect();
    format!("target.{TARGET}.rustflags={flags:?}")
}

/// Takes the module apart into JavaScript and WASM for a page that loads it as an ES module.
fn bind(view: PageView, module: &[u8]) -> Result<BoundModule, Error> {
    let mut bindgen = Bindgen::new();
    bindgen
        .input_bytes(view.name(), module.to_vec())
        .typescript(false)
        .omit_default_module_path(true)
        .remove_producers_section(true);
    let mut output = bindgen.web(true).and_then(Bindgen::generate_output).map_err(bindgen_error(view))?;
    // Every crate that uses wasm-bindgen has an entry here, most of them empty.
    let count = output.snippets().values().flatten().count() + output.local_modules().len();
    if count > 0 {
        return Err(Error::Snippets { view: view.name(), count });
    }
    let js = glue::without_classes(output.js().to_owned());
    let module = output.wasm_mut();
    let js = glue::shorten(module, &js);
    strip::strip_unused(module);
    let imports = glue::imports(module);
    // With the names: wasm-opt sorts by them, and drops them.
    let wasm = module.emit_wasm();
    Ok(BoundModule { js, wasm, imports })
}

/// For `map_err`.
fn refused<E: Into<Box<dyn std::error::Error + Send + Sync>>>(view: PageView) -> impl FnOnce(E) -> Error {
    move |source| Error::Bindgen { view: view.name(), source: source.into() }
}

fn optimise(root: &Path, cache: &Cache, wasm: &[u8]) -> Result<Vec<u8>, Error> {
    cache.get(&format!("{BINARYEN} {WASM_OPT:?}"), wasm, |scratch| {
        let (input, output) = (scratch.with_extension("in.wasm"), scratch.with_extension("out.wasm"));
        fs::write(&input, wasm).map_err(Error::file("write", &input))?;
        let mut arguments: Vec<&Path> = WASM_OPT.iter().map(Path::new).collect();
        arguments.extend([&input, Path::new("-o"), &output]);
        let result = tool::node(root, "wasm-opt", &arguments)
            .and_then(|_| fs::read(&output).map_err(Error::file("read", &output)));
        for file in [&input, &output] {
            let _ = fs::remove_file(file);
        }
        result
    })
}
