//! The HTML document around every page: head, styles, loader and data block. The CSP forbids inline scripts.

#[cfg(feature = "ssr")]
use crate::words::Words;

/// Static files of a page, as paths on this server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assets {
    pub css: String,
    /// The JavaScript glue of the WASM bundle.
    pub js: String,
    pub wasm: String,
    /// The page's script, which loads the bundle.
    pub boot: String,
    /// The live-reload script and its port; only under `cargo leptos watch`.
    pub reload: Option<(String, u16)>,
}

/// Document data besides the body.
#[cfg(feature = "ssr")]
pub(crate) struct PageHead {
    /// The bundle that hydrates the page, and the scope of its styles. `None` for plain pages.
    pub(crate) view: Option<&'static str>,
    /// The page within the bundle (`data-page`).
    pub(crate) page: &'static str,
    pub(crate) title: String,
    /// Seconds after which the page reloads when JavaScript is off, as in `<meta http-equiv="refresh">`.
    pub(crate) refresh: Option<String>,
    /// The JSON that the page is hydrated from.
    pub(crate) opening: Option<String>,
    /// The page has a script without a bundle. It fetches the bundle for the page that follows.
    pub(crate) has_script: bool,
    /// The visitor is a manager: styles show manager-only links.
    pub(crate) is_manager: bool,
    /// Translators of browsers leave the page alone: staff name what they read to each other.
    pub(crate) is_for_staff: bool,
}

#[cfg(feature = "ssr")]
impl PageHead {
    /// A page that its bundle hydrates.
    pub(crate) fn hydrated(view: &'static str, title: &str, opening: &impl serde::Serialize) -> Self {
        let opening = serde_json::to_string(opening).ok();
        Self { view: Some(view), opening, ..Self::static_page(view, title) }
    }

    /// A static page without a bundle.
    pub(crate) fn static_page(page: &'static str, title: impl Into<String>) -> Self {
        let title = title.into();
        Self {
            view: None,
            page,
            title,
            refresh: None,
            opening: None,
            has_script: false,
            is_manager: false,
            is_for_staff: false,
        }
    }

    /// The same page with its script.
    pub(crate) fn with_script(self) -> Self {
        Self { has_script: true, ..self }
    }

    /// The same page for the staff.
    pub(crate) fn for_staff(self) -> Self {
        Self { is_for_staff: true, ..self }
    }
}

/// Id of the element that hydration walks. Browsers, extensions and proxies add their own elements to the body.
const ROOT: &str = "page";

/// Renders the HTML document in the language of `words`.
#[cfg(feature = "ssr")]
pub(crate) fn document<B: leptos::IntoView>(
    assets: &Assets,
    words: Words,
    head: PageHead,
    body: impl FnOnce() -> B,
) -> String {
    use leptos::prelude::*;

    let has_script = head.view.is_some() || head.has_script;
    let [module, wasm] = if head.view.is_some() { ["modulepreload", "preload"] } else { ["prefetch", "prefetch"] };
    let loader = has_script.then(|| {
        view! {
            <link rel=module href=assets.js.clone()/>
            <link rel=wasm r#as="fetch" crossorigin="anonymous" href=assets.wasm.clone()/>
            <script type="module" src=assets.boot.clone()></script>
        }
    });
    let reload = assets.reload.as_ref().map(|(script, port)| (script.clone(), port.to_string()));
    let reload_port = reload.as_ref().map(|(_, port)| port.clone());
    let reload = reload.map(|(script, _)| view! { <script type="module" src=script></script> });
    let refresh = head.refresh.map(|content| {
        view! { <noscript inner_html=format!("<meta http-equiv=\"refresh\" content=\"{content}\">")></noscript> }
    });
    let opening = head.opening.map(|json| {
        // The parser ends a data block at the first `</script`, also inside a JSON string.
        let json = json.replace('<', "\\u003c");
        view! { <script type="application/json" id="opening" inner_html=json></script> }
    });
    let is_manager = head.is_manager.then_some("manager");
    let translate = head.is_for_staff.then_some("no");
    let fallback = head.view.map(|_| words.pages().not_live());
    let ready = (head.view == Some("ordering")).then(|| words.ordering().ready());
    let unreachable = has_script.then(|| words.pages().unreachable());
    let js = head.view.map(|_| assets.js.clone());
    let wasm = head.view.map(|_| assets.wasm.clone());
    Owner::new().with(|| {
        provide_context(words);
        view! {
            <!DOCTYPE html>
            <html lang=words.language().tag() translate=translate data-view=head.view data-page=head.page data-role=is_manager data-js=js data-wasm=wasm data-fallback=fallback data-unreachable=unreachable data-ready=ready data-reload-port=reload_port>
                <head>
                    <meta charset="utf-8"/>
                    <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover"/>
                    <title>{head.title}</title>
                    <link rel="icon" type="image/svg+xml" href="/favicon.svg"/>
                    <link rel="stylesheet" href=assets.css.clone()/>
                    {loader}
                    {reload}
                    {refresh}
                    {opening}
                </head>
                <body><div id=ROOT>{body()}</div></body>
            </html>
        }
        .to_html()
    })
}

/// Reads the page's data block; `None` if it is missing or has the shape of another build.
#[cfg(target_arch = "wasm32")]
pub fn opening<T: crate::live::reading::FromJson>() -> Option<T> {
    let block = leptos::prelude::document().get_element_by_id("opening")?;
    crate::live::reading::parse(&block.text_content()?)
}

/// The element to hydrate.
#[cfg(target_arch = "wasm32")]
pub fn root() -> Option<web_sys::HtmlElement> {
    use wasm_bindgen::JsCast;

    leptos::prelude::document().get_element_by_id(ROOT)?.dyn_into().ok()
}

/// An attribute of `<html>`; empty if it is missing.
#[cfg(target_arch = "wasm32")]
pub(crate) fn root_attribute(name: &str) -> String {
    leptos::prelude::document().document_element().and_then(|root| root.get_attribute(name)).unwrap_or_default()
}
