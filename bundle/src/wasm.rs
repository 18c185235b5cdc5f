//! Builds the WASM module and the JavaScript glue of a screen: compile, bind, shrink.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use domain::view::Screen;
use serde::Deserialize;
use walrus::Module;
use wasm_bindgen_cli_support::Bindgen;

use crate::cache::Cache;
use crate::error::Error;
use crate::tool::{self, ESBUILD};
use crate::workspace::Workspace;
use crate::{glue, strip, timed};

const TARGET: &str = "wasm32-unknown-unknown";

/// The version in `package.json`; part of the cache key.
const BINARYEN: &str = "binaryen 132.0.0";

/// Arguments of `wasm-opt`. The features are rustc's defaults, since wasm-bindgen drops the section that lists them.
const WASM_OPT: [&str; 17] = [
    // Rebuilding the control flow saves about 1 %, and doing it twice another 0.7 %.
    "--flatten",
    "--rereloop",
    "-Oz",
    "-Oz",
    "--flatten",
    "--rereloop",
    "-Oz",
    "-Oz",
    "-Oz",
    // The stack is at the start of memory, so no data has a low address.
    "--low-memory-unused",
    // Adjacent instances of a generic function compress better.
    "--reorder-functions-by-name",
    "--enable-bulk-memory",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-reference-types",
    "--enable-multivalue",
];

/// Sources of this program's own steps; part of the cache key.
const OWN_STEPS: [&str; 3] = [include_str!("wasm.rs"), include_str!("strip.rs"), include_str!("glue.rs")];

/// A module and the JavaScript that loads it.
pub(crate) struct WasmPage {
    pub(crate) js: Vec<u8>,
    pub(crate) wasm: Vec<u8>,
}

/// A module and its glue before optimisation, and the module's imports.
struct BoundModule {
    js: String,
    wasm: Vec<u8>,
    imports: BTreeSet<String>,
}

impl WasmPage {
    /// Encodes both as one cache entry: the length of the JavaScript as u64, little-endian, then JavaScript and WASM.
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

/// A compiler-artifact message of cargo. Other messages lack these fields.
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

/// Builds the front end of one screen, or takes it from the cache if neither sources nor tools changed.
pub(crate) fn page(workspace: &Workspace, cache: &Cache, sources: &str, screen: Screen) -> Result<WasmPage, Error> {
    let root = &workspace.root;
    let step = format!("page {} {} {ESBUILD} {BINARYEN} {WASM_OPT:?} {OWN_STEPS:?}", screen.name(), remap_path_flags());
    let packed = cache.get(&step, sources.as_bytes(), |_| {
        let module = timed(screen, "compile", || compile(root, screen))?;
        let bound = timed(screen, "wasm-bindgen", || bind(screen, &module))?;
        let wasm = timed(screen, "wasm-opt", || optimise(root, cache, &bound.wasm))?;
        let module = Module::from_buffer(&wasm).map_err(bindgen_error(screen))?;
        let js = glue::without_imports(bound.js, &bound.imports, &glue::imports(&module));
        let js = timed(screen, "esbuild", || tool::minify_js(root, cache, js.as_bytes()))?;
        Ok(WasmPage { js, wasm }.pack())
    })?;
    Ok(WasmPage::unpack(&packed))
}

/// Compiles the front end for one screen and returns the module.
///
/// Every screen is written to the same file, so it is read immediately.
fn compile(root: &Path, screen: Screen) -> Result<Vec<u8>, Error> {
    let output = tool::cargo(root)
        .args(["build", "--package", "frontend", "--lib", "--target", TARGET, "--profile", "wasm-release"])
        .args(["--no-default-features", "--features", screen.name(), "--locked"])
        .arg("--message-format=json-render-diagnostics")
        .args(["--config", &remap_path_flags()])
        .stderr(Stdio::inherit())
        .output()
        .map_err(|source| Error::ToolDidNotStart { tool: "cargo".to_owned(), source })?;
    if !output.status.success() {
        return Err(Error::CompilationFailed { screen: screen.name() });
    }
    let file = module_of(&output.stdout)?.ok_or(Error::NoModule { screen: screen.name() })?;
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

/// Returns flags that remap source paths. Panic locations would otherwise contain the builder's home folder, and the
/// hashes would differ between machines.
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

/// Runs wasm-bindgen for a page that loads the glue as an ES module.
fn bind(screen: Screen, module: &[u8]) -> Result<BoundModule, Error> {
    let mut bindgen = Bindgen::new();
    bindgen
        .input_bytes(screen.name(), module.to_vec())
        .typescript(false)
        .omit_default_module_path(true)
        .remove_producers_section(true);
    let mut output = bindgen.web(true).and_then(Bindgen::generate_output).map_err(bindgen_error(screen))?;
    // Every crate that uses wasm-bindgen has an entry, usually an empty one.
    let count = output.snippets().values().flatten().count() + output.local_modules().len();
    if count > 0 {
        return Err(Error::Snippets { screen: screen.name(), count });
    }
    let js = glue::without_classes(output.js().to_owned());
    let module = output.wasm_mut();
    let js = glue::shorten(module, &js);
    strip::strip_unused(module);
    let imports = glue::imports(module);
    // Emitted with names, which wasm-opt sorts by and then drops.
    let wasm = module.emit_wasm();
    Ok(BoundModule { js, wasm, imports })
}

/// Adapter for `map_err`.
fn bindgen_error<E: Into<Box<dyn std::error::Error + Send + Sync>>>(screen: Screen) -> impl FnOnce(E) -> Error {
    move |source| Error::Bindgen { screen: screen.name(), source: source.into() }
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
