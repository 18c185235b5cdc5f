//! Static files: embedded in the binary, or read from the site folder under `cargo leptos watch`.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;

use app::shell::Assets;
use axum::Router;
use axum::body::Bytes;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use domain::view::Screen;
use rust_embed::RustEmbed;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::web::request_headers::{accepts, elements};

/// Output of the bundle build in `dist/`. Empty if the build has not run, so tests need no bundle.
#[derive(RustEmbed)]
#[folder = "../dist"]
#[allow_missing = true]
struct Dist;

/// Asset paths of the bundle of each screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BundleManifest(BTreeMap<Screen, Assets>);

/// Settings under `cargo leptos watch`: one bundle for all pages, read from disk on each request.
#[derive(Debug)]
pub struct DevServer {
    /// Live reload port. The content security policy must allow connections to it.
    pub reload_port: u16,
    site_root: PathBuf,
}

/// The development settings from `LEPTOS_SITE_ROOT` and `LEPTOS_RELOAD_PORT`. `None` outside `cargo leptos watch`.
pub fn dev() -> Option<&'static DevServer> {
    static DEV: LazyLock<Option<DevServer>> = LazyLock::new(|| {
        let site_root = std::env::var_os("LEPTOS_SITE_ROOT")?.into();
        let reload_port = std::env::var("LEPTOS_RELOAD_PORT").ok().and_then(|port| port.parse().ok()).unwrap_or(3001);
        Some(DevServer { reload_port, site_root })
    });
    DEV.as_ref()
}

/// The asset paths of a screen's bundle.
pub(super) fn of(screen: Screen) -> &'static Assets {
    manifest().0.get(&screen).expect("the manifest has every screen")
}

/// The asset paths of this process, computed once.
fn manifest() -> &'static BundleManifest {
    static MANIFEST: LazyLock<BundleManifest> = LazyLock::new(|| match dev() {
        Some(dev) => BundleManifest::development(dev),
        None => BundleManifest::embedded(),
    });
    &MANIFEST
}

/// Build identifier: package version and a hash of the asset names, which contain content hashes.
pub fn build() -> String {
    let names = manifest().0.values().map(|assets| [&*assets.js, &assets.wasm, &assets.css, &assets.boot].concat());
    let hash = Sha256::digest(names.collect::<String>());
    format!("{}+{:02x}{:02x}{:02x}{:02x}", env!("CARGO_PKG_VERSION"), hash[0], hash[1], hash[2], hash[3])
}

/// Format of `dist/manifest.json`, written by `bundle`.
#[derive(Deserialize)]
struct ManifestFile {
    screens: BTreeMap<Screen, BundleFiles>,
}

#[derive(Deserialize)]
struct BundleFiles {
    js: String,
    wasm: String,
    css: String,
    boot: String,
}

impl BundleManifest {
    fn embedded() -> Self {
        let manifest = Dist::get("manifest.json").and_then(|file| serde_json::from_slice(&file.data).ok());
        let manifest = manifest.filter(|manifest: &ManifestFile| manifest.screens.len() == Screen::ALL.len());
        let manifest = manifest.unwrap_or_else(|| {
            tracing::warn!("no embedded asset bundles; pages lack styles and scripts until `make build` is run");
            ManifestFile::placeholder()
        });
        let with_path = |bundle: BundleFiles| {
            let path = |name: &str| format!("/assets/{name}");
            let (css, js, wasm) = (path(&bundle.css), path(&bundle.js), path(&bundle.wasm));
            Assets { css, js, wasm, boot: path(&bundle.boot), reload: None }
        };
        Self(manifest.screens.into_iter().map(|(screen, files)| (screen, with_path(files))).collect())
    }

    fn development(dev: &DevServer) -> Self {
        let assets = |screen: Screen| Assets {
            css: "/pkg/crema.css".to_owned(),
            js: "/pkg/crema.js".to_owned(),
            wasm: "/pkg/crema.wasm".to_owned(),
            boot: format!("/{}.js", screen.name()),
            reload: Some(("/dev_reload.js".to_owned(), dev.reload_port)),
        };
        Self(Screen::ALL.into_iter().map(|screen| (screen, assets(screen))).collect())
    }
}

impl ManifestFile {
    /// File names that resolve to 404. Pages still work without scripts and styles.
    fn placeholder() -> Self {
        let files = |name: &str| BundleFiles {
            js: format!("{name}.js"),
            wasm: format!("{name}.wasm"),
            css: format!("{name}.css"),
            boot: format!("boot_{name}.js"),
        };
        let screens = Screen::ALL.into_iter().map(|screen| (screen, files(screen.name()))).collect();
        Self { screens }
    }
}

/// Files with fixed names under `cargo leptos watch`.
const DEVELOPMENT_FILES: [&str; 11] = [
    "ordering.js",
    "display.js",
    "barista.js",
    "loader.js",
    "posting.js",
    "focus.js",
    "phone.js",
    "dev_reload.js",
    "pkg/crema.js",
    "pkg/crema.wasm",
    "pkg/crema.css",
];

/// Routes for `/assets/…`, for files with fixed names and, in development, for the output of `watch`.
pub fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    let routes = Router::new().route("/assets/{name}", get(serve_hashed));
    let named = |routes: Router<S>, name: &'static str| {
        routes.route(&format!("/{name}"), get(async move |request: HeaderMap| serve_named(name, &request)))
    };
    let routes = ["favicon.svg", "robots.txt"].into_iter().fold(routes, named);
    if dev().is_none() {
        return routes;
    }
    DEVELOPMENT_FILES.into_iter().fold(routes, named)
}

async fn serve_hashed(Path(name): Path<String>, request: HeaderMap) -> Response {
    if !has_content_hash(&name) {
        return StatusCode::NOT_FOUND.into_response();
    }
    respond(&name, &request, "public, max-age=31536000, immutable", embedded_file)
}

fn serve_named(name: &str, request: &HeaderMap) -> Response {
    match dev() {
        Some(dev) => respond(name, request, "no-store", |name| {
            Some(StaticFile { bytes: fs::read(dev.site_root.join(name)).ok()?.into(), tag: None })
        }),
        None => respond(name, request, "public, max-age=3600", embedded_file),
    }
}

struct StaticFile {
    bytes: Bytes,
    /// Entity tag of these bytes. The brotli variant has its own.
    tag: Option<HeaderValue>,
}

fn embedded_file(name: &str) -> Option<StaticFile> {
    let file = Dist::get(name)?;
    let hash = u64::from_be_bytes(*file.metadata.sha256_hash().first_chunk()?);
    let bytes = match file.data {
        Cow::Borrowed(bytes) => Bytes::from_static(bytes),
        Cow::Owned(bytes) => bytes.into(),
    };
    Some(StaticFile { bytes, tag: format!("\"{hash:016x}\"").parse().ok() })
}

fn respond(
    name: &str,
    request: &HeaderMap,
    cache: &'static str,
    find: impl Fn(&str) -> Option<StaticFile>,
) -> Response {
    let brotli = if accepts_brotli(request) { find(&format!("{name}.br")) } else { None };
    let is_brotli = brotli.is_some();
    let Some(file) = brotli.or_else(|| find(name)) else { return StatusCode::NOT_FOUND.into_response() };

    let mut headers = HeaderMap::new();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    // The plain variant needs this header too, or a shared cache could serve either variant to every client.
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Some(tag) = file.tag {
        let is_cached = matches_etag(request, &tag);
        headers.insert(header::ETAG, tag);
        if is_cached {
            return (StatusCode::NOT_MODIFIED, headers).into_response();
        }
    }
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type(name)));
    if is_brotli {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("br"));
    }
    (headers, file.bytes).into_response()
}

/// Whether the client accepts `br` with a non-zero weight. `*` does not count: clients with brotli name it.
fn accepts_brotli(request: &HeaderMap) -> bool {
    elements(request, header::ACCEPT_ENCODING).any(|coding| accepts(&coding, "br"))
}

/// Whether `If-None-Match` lists this entity tag, by weak comparison.
fn matches_etag(request: &HeaderMap, tag: &HeaderValue) -> bool {
    elements(request, header::IF_NONE_MATCH)
        .any(|known| known == "*" || known.strip_prefix("W/").unwrap_or(&known).as_bytes() == tag.as_bytes())
}

/// Whether the name has a 12-digit content hash, as in `ordering.0123456789ab.js`. Only such files are immutable.
fn has_content_hash(name: &str) -> bool {
    let mut parts = name.rsplitn(3, '.').skip(1);
    parts.next().is_some_and(|hash| hash.len() == 12 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()))
        && parts.next().is_some()
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "wasm" => "application/wasm",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "json" => "application/json",
        "webmanifest" => "application/manifest+json",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: &str = "ordering.0123456789ab.js";

    fn request_headers(headers: &[(header::HeaderName, &'static str)]) -> HeaderMap {
        headers.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value))).collect()
    }

    fn respond_to(headers: &[(header::HeaderName, &'static str)]) -> Response {
        respond(NAME, &request_headers(headers), "public", |name| {
            let (text, tag) = match name {
                NAME => ("plain", "\"p\""),
                _ => ("small", "\"b\""),
            };
            Some(StaticFile { bytes: Bytes::from_static(text.as_bytes()), tag: Some(HeaderValue::from_static(tag)) })
        })
    }

    fn header_text(response: &Response, name: header::HeaderName) -> Option<&str> {
        response.headers().get(name).and_then(|value| value.to_str().ok())
    }

    #[test]
    fn a_browser_that_accepts_brotli_gets_it() {
        let response = respond_to(&[(header::ACCEPT_ENCODING, "gzip, deflate, br, zstd")]);
        assert_eq!(header_text(&response, header::CONTENT_ENCODING), Some("br"));
        assert_eq!(header_text(&response, header::ETAG), Some("\"b\""));
        assert_eq!(header_text(&response, header::CONTENT_TYPE), Some("text/javascript; charset=utf-8"));
    }

    #[test]
    fn other_browsers_get_the_uncompressed_file() {
        for encodings in ["", "gzip", "br;q=0", "brotli", "gzip, br; q=0.0", "*"] {
            let response = respond_to(&[(header::ACCEPT_ENCODING, encodings)]);
            assert_eq!(header_text(&response, header::CONTENT_ENCODING), None, "{encodings}");
            assert_eq!(header_text(&response, header::ETAG), Some("\"p\""), "{encodings}");
        }
    }

    #[test]
    fn both_encodings_have_a_vary_header() {
        for encodings in ["br", "gzip"] {
            let response = respond_to(&[(header::ACCEPT_ENCODING, encodings)]);
            assert_eq!(header_text(&response, header::VARY), Some("accept-encoding"));
        }
    }

    #[test]
    fn a_matching_etag_gets_not_modified() {
        let cached = respond_to(&[(header::ACCEPT_ENCODING, "br"), (header::IF_NONE_MATCH, "\"x\", W/\"b\"")]);
        assert_eq!(cached.status(), StatusCode::NOT_MODIFIED);
        assert_eq!(header_text(&cached, header::ETAG), Some("\"b\""));
        let other_form = respond_to(&[(header::IF_NONE_MATCH, "\"b\"")]);
        assert_eq!(other_form.status(), StatusCode::OK);
    }

    #[test]
    fn only_hashed_names_are_immutable() {
        assert!(has_content_hash(NAME));
        for name in ["manifest.json", "favicon.svg", "ordering.0123456789ab.js.br", "0123456789ab.js", "../secret"] {
            assert!(!has_content_hash(name), "{name}");
        }
    }
}
