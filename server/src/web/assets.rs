//! The files a page loads: out of the program itself, or from the site folder under `cargo leptos watch`.

use std::borrow::Cow;
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
use rust_embed::RustEmbed;
use serde::Deserialize;
use sha2::{Digest, Sha256};

/// What the build program left in `dist/`; nothing when it has not run, so that tests need no bundle.
#[derive(RustEmbed)]
#[folder = "../dist"]
#[allow_missing = true]
struct Dist;

/// Where each kind of page finds its files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BundleManifest {
    pub ordering: Assets,
    pub display: Assets,
    pub barista: Assets,
}

/// `cargo leptos watch` runs this program: one bundle for all pages, on disk, new at every change.
#[derive(Debug)]
pub struct Dev {
    /// The page's policy must let it connect there.
    pub reload_port: u16,
    state: PathBuf,
}

/// None in a release.
pub fn dev() -> Option<&'static Dev> {
    static DEV: LazyLock<Option<Dev>> = LazyLock::new(|| {
        let state = std::env::var_os("LEPTOS_SITE_ROOT")?.into();
        let reload_port = std::env::var("LEPTOS_RELOAD_PORT").ok().and_then(|port| port.parse().ok()).unwrap_or(3001);
        Some(Dev { reload_port, state })
    });
    DEV.as_ref()
}

pub fn manifest() -> &'static BundleManifest {
    static MANIFEST: LazyLock<BundleManifest> = LazyLock::new(|| match dev() {
        Some(dev) => BundleManifest::watched(dev),
        None => BundleManifest::embedded(),
    });
    &MANIFEST
}

/// Tells one build from another: the names of its files, which carry the hashes of what is in them.
pub fn build() -> String {
    let BundleManifest { ordering, display, barista } = manifest();
    let names = [ordering, display, barista].map(|assets| format!("{}{}{}", assets.js, assets.wasm, assets.css));
    let hash = Sha256::digest(names.concat());
    format!("{}+{:02x}{:02x}{:02x}{:02x}", env!("CARGO_PKG_VERSION"), hash[0], hash[1], hash[2], hash[3])
}

/// `dist/manifest.json`, as `bundle` writes it.
#[derive(Deserialize)]
struct Written {
    ordering: Bundle,
    display: Bundle,
    barista: Bundle,
    boot: String,
}

#[derive(Deserialize)]
struct Bundle {
    js: String,
    wasm: String,
    css: String,
}

impl BundleManifest {
    fn embedded() -> Self {
        let written = Dist::get("manifest.json").and_then(|file| serde_json::from_slice(&file.data).ok());
        let written = written.unwrap_or_else(|| {
            tracing::warn!("this build holds no bundles: pages come without styles and scripts until `make build` ran");
            Written::absent()
        });
        let of = |bundle: Bundle| {
            let path = |name: &str| format!("/assets/{name}");
            let (css, js, wasm) = (path(&bundle.css), path(&bundle.js), path(&bundle.wasm));
            Assets { css, js, wasm, boot: path(&written.boot), reload: None }
        };
        Self { ordering: of(written.ordering), display: of(written.display), barista: of(written.barista) }
    }

    fn watched(dev: &Dev) -> Self {
        let assets = Assets {
            css: "/pkg/crema.css".to_owned(),
            js: "/pkg/crema.js".to_owned(),
            wasm: "/pkg/crema.wasm".to_owned(),
            boot: "/boot.js".to_owned(),
            reload: Some(("/dev_reload.js".to_owned(), dev.reload_port)),
        };
        Self { ordering: assets.clone(), display: assets.clone(), barista: assets }
    }
}

impl Written {
    /// Names that nothing answers to: a page without its script is still a page.
    fn absent() -> Self {
        let of =
            |view: &str| Bundle { js: format!("{view}.js"), wasm: format!("{view}.wasm"), css: format!("{view}.css") };
        Self { ordering: of("ordering"), display: of("display"), barista: of("barista"), boot: "boot.js".to_owned() }
    }
}

/// `/assets/…` and the few files that browsers ask for by name; in development also what `watch` built.
pub fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    let routes = Router::new().route("/assets/{name}", get(hashed));
    let named = |routes: Router<S>, name: &'static str| {
        routes.route(&format!("/{name}"), get(async move |asked: HeaderMap| by_name(name, &asked)))
    };
    let routes = ["favicon.svg", "robots.txt"].into_iter().fold(routes, named);
    if dev().is_none() {
        return routes;
    }
    ["boot.js", "dev_reload.js", "pkg/crema.js", "pkg/crema.wasm", "pkg/crema.css"].into_iter().fold(routes, named)
}

async fn hashed(Path(name): Path<String>, asked: HeaderMap) -> Response {
    if !says_its_content(&name) {
        return StatusCode::NOT_FOUND.into_response();
    }
    respond(&name, &asked, "public, max-age=31536000, immutable", embedded)
}

fn by_name(name: &str, asked: &HeaderMap) -> Response {
    match dev() {
        Some(dev) => respond(name, asked, "no-store", |name| {
            Some(File { bytes: fs::read(dev.state.join(name)).ok()?.into(), tag: None })
        }),
        None => respond(name, asked, "public, max-age=3600", embedded),
    }
}

struct File {
    bytes: Bytes,
    /// Of these very bytes: the brotli form has another.
    tag: Option<HeaderValue>,
}

fn embedded(name: &str) -> Option<File> {
    let file = Dist::get(name)?;
    let hash = u64::from_be_bytes(*file.metadata.sha256_hash().first_chunk()?);
    let bytes = match file.data {
        Cow::Borrowed(bytes) => Bytes::from_static(bytes),
        Cow::Owned(bytes) => bytes.into(),
    };
    Some(File { bytes, tag: format!("\"{hash:016x}\"").parse().ok() })
}

fn respond(name: &str, asked: &HeaderMap, cache: &'static str, find: impl Fn(&str) -> Option<File>) -> Response {
    let brotli = if takes_brotli(asked) { find(&format!("{name}.br")) } else { None };
    let is_brotli = brotli.is_some();
    let Some(file) = brotli.or_else(|| find(name)) else { return StatusCode::NOT_FOUND.into_response() };

    let mut said = HeaderMap::new();
    said.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    // Also on the plain form: a cache between us must not give either to everybody.
    said.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Some(tag) = file.tag {
        let known = has(asked, &tag);
        said.insert(header::ETAG, tag);
        if known {
            return (StatusCode::NOT_MODIFIED, said).into_response();
        }
    }
    said.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type(name)));
    if is_brotli {
        said.insert(header::CONTENT_ENCODING, HeaderValue::from_static("br"));
    }
    (said, file.bytes).into_response()
}

fn listed(asked: &HeaderMap, name: header::HeaderName) -> impl Iterator<Item = &str> {
    asked
        .get_all(name)
        .into_iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
}

/// `br`, unless it is refused by `br;q=0`. A `*` is not taken for one: nobody sends it who means brotli.
fn takes_brotli(asked: &HeaderMap) -> bool {
    listed(asked, header::ACCEPT_ENCODING).any(|coding| {
        let mut parts = coding.split(';').map(str::trim);
        let is_brotli = parts.next().is_some_and(|name| name.eq_ignore_ascii_case("br"));
        let weight = parts.find_map(|part| part.strip_prefix("q=")).map_or(Ok(1.0), str::parse::<f32>);
        is_brotli && weight.is_ok_and(|weight| weight > 0.0)
    })
}

fn has(asked: &HeaderMap, tag: &HeaderValue) -> bool {
    listed(asked, header::IF_NONE_MATCH)
        .any(|known| known == "*" || known.strip_prefix("W/").unwrap_or(known).as_bytes() == tag.as_bytes())
}

/// `ordering.0123456789ab.js`: only such a file may be kept for ever.
fn says_its_content(name: &str) -> bool {
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

    fn asked(headers: &[(header::HeaderName, &'static str)]) -> HeaderMap {
        headers.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value))).collect()
    }

    fn answer(headers: &[(header::HeaderName, &'static str)]) -> Response {
        respond(NAME, &asked(headers), "public", |name| {
            let (text, tag) = match name {
                NAME => ("plain", "\"p\""),
                _ => ("small", "\"b\""),
            };
            Some(File { bytes: Bytes::from_static(text.as_bytes()), tag: Some(HeaderValue::from_static(tag)) })
        })
    }

    fn said(response: &Response, name: header::HeaderName) -> Option<&str> {
        response.headers().get(name).and_then(|value| value.to_str().ok())
    }

    #[test]
    fn a_browser_that_takes_brotli_gets_it() {
        let response = answer(&[(header::ACCEPT_ENCODING, "gzip, deflate, br, zstd")]);
        assert_eq!(said(&response, header::CONTENT_ENCODING), Some("br"));
        assert_eq!(said(&response, header::ETAG), Some("\"b\""));
        assert_eq!(said(&response, header::CONTENT_TYPE), Some("text/javascript; charset=utf-8"));
    }

    #[test]
    fn everybody_else_gets_the_plain_file() {
        for encodings in ["", "gzip", "br;q=0", "brotli", "gzip, br; q=0.0", "*"] {
            let response = answer(&[(header::ACCEPT_ENCODING, encodings)]);
            assert_eq!(said(&response, header::CONTENT_ENCODING), None, "{encodings}");
            assert_eq!(said(&response, header::ETAG), Some("\"p\""), "{encodings}");
        }
    }

    #[test]
    fn both_forms_say_that_they_vary() {
        for encodings in ["br", "gzip"] {
            let response = answer(&[(header::ACCEPT_ENCODING, encodings)]);
            assert_eq!(said(&response, header::VARY), Some("accept-encoding"));
        }
    }

    #[test]
    fn a_file_that_is_known_is_not_sent_again() {
        let known = answer(&[(header::ACCEPT_ENCODING, "br"), (header::IF_NONE_MATCH, "\"x\", W/\"b\"")]);
        assert_eq!(known.status(), StatusCode::NOT_MODIFIED);
        assert_eq!(said(&known, header::ETAG), Some("\"b\""));
        let other_form = answer(&[(header::IF_NONE_MATCH, "\"b\"")]);
        assert_eq!(other_form.status(), StatusCode::OK);
    }

    #[test]
    fn only_names_that_say_their_content_are_served_for_ever() {
        assert!(says_its_content(NAME));
        for name in ["manifest.json", "favicon.svg", "ordering.0123456789ab.js.br", "0123456789ab.js", "../secret"] {
            assert!(!says_its_content(name), "{name}");
        }
    }
}
