//! Pictures of sheets: line-and-fill drawings on a round ground, in the style of the drink icons.

use domain::extension::sheet::Picture;
use leptos::prelude::*;

/// A decorative drawing, hidden from screen readers.
pub fn picture(picture: Picture, class: &'static str) -> impl IntoView {
    let ground = r#"<circle class="ground" cx="32" cy="32" r="31"/>"#;
    let drawing = [ground, drawing(picture)].concat();
    view! {
        <svg class=class data-tone=tone(picture) viewBox="0 0 64 64" aria-hidden="true" inner_html=drawing></svg>
    }
}

/// Colour of the ground (`data-tone`): `good`, `bad` or `plain`.
fn tone(picture: Picture) -> &'static str {
    match picture {
        Picture::Ready | Picture::Collected | Picture::Enjoyed => "good",
        Picture::Cancelled
        | Picture::CalledOff
        | Picture::TimedOut
        | Picture::Late
        | Picture::Cold
        | Picture::Closed => "bad",
        _ => "plain",
    }
}

/// CSS classes: `f` is a coffee fill, `m` a milk or paper fill, `l` the line above both, `a` an accented line, `d` an
/// accented dot, `o` a line on the dot.
#[expect(clippy::too_many_lines, reason = "a list of drawings")]
fn drawing(picture: Picture) -> &'static str {
    match picture {
        Picture::Scan => {
            r#"<path class="m" d="M19 19h26v26H19z"/><path class="f" d="M25 25h5v5h-5zM34 25h5v5h-5zM25 34h5v5h-5zM34 34h2.5v2.5H34zM37 37h2.5v2.5H37z"/><path class="l" d="M15 22v-7h7M42 15h7v7M49 42v7h-7M22 49h-7v-7"/><path class="a" d="M12 32h40"/>"#
        }
        Picture::Menu => {
            r#"<path class="m" d="M19 12h26a2 2 0 0 1 2 2v36a2 2 0 0 1-2 2H19a2 2 0 0 1-2-2V14a2 2 0 0 1 2-2z"/><path class="f" d="M27 18h8v3.5a3.5 3.5 0 0 1-3.5 3.5h-1a3.5 3.5 0 0 1-3.5-3.5z"/><path class="l" d="M19 12h26a2 2 0 0 1 2 2v36a2 2 0 0 1-2 2H19a2 2 0 0 1-2-2V14a2 2 0 0 1 2-2zM27 18h8v3.5a3.5 3.5 0 0 1-3.5 3.5h-1a3.5 3.5 0 0 1-3.5-3.5zM35 19.2h.6a1.8 1.8 0 0 1 0 3.6H35M23 32h11M23 38h11M23 44h11M39 32h2M39 44h2"/><path class="a" d="M38.5 38l1.2 1.4 2.4-3"/>"#
        }
        Picture::Clock => {
            r#"<circle class="m" cx="31" cy="34" r="17"/><circle class="l" cx="31" cy="34" r="17"/><path class="l" d="M31 24v10l7 4.5M31 19.5v1M31 47.5v1M16.5 34h1M44.5 34h1"/><circle class="d" cx="46" cy="18" r="8"/><path class="o" d="M46 14v8M42 18h8"/>"#
        }
        Picture::Cup => {
            r#"<path class="f" d="M18 31h24v7a10 10 0 0 1-10 10h-4a10 10 0 0 1-10-10z"/><path class="l" d="M18 27h24v11a10 10 0 0 1-10 10h-4a10 10 0 0 1-10-10zM42 30h3a5 5 0 0 1 0 10h-3.2M14 52h32M26 21c-2-2.4 2-3.8 0-6.4M34 21c-2-2.4 2-3.8 0-6.4"/>"#
        }
        Picture::Ticket => {
            r#"<path class="m" d="M11 22h42v5.5a4.5 4.5 0 0 0 0 9V42H11v-5.5a4.5 4.5 0 0 0 0-9z"/><path class="l" d="M11 22h42v5.5a4.5 4.5 0 0 0 0 9V42H11v-5.5a4.5 4.5 0 0 0 0-9zM41 25.5v2M41 31v2M41 36.5v2"/><path class="a" d="M24.6 26.5l-2 11M31.1 26.5l-2 11M21.5 30h11.5M20.7 34.5h11.5"/>"#
        }
        Picture::Queue => {
            r#"<path class="f" d="M9 31h12v4a6 6 0 0 1-12 0z"/><path class="m" d="M26 31h12v4a6 6 0 0 1-12 0zM43 31h12v4a6 6 0 0 1-12 0z"/><path class="l" d="M9 28h12v7a6 6 0 0 1-12 0zM26 28h12v7a6 6 0 0 1-12 0zM43 28h12v7a6 6 0 0 1-12 0zM7 45h50M15 23c-1.4-1.7 1.4-2.7 0-4.5"/><path class="a" d="M30 51H12M15.5 48L12 51l3.5 3"/>"#
        }
        Picture::Making => {
            r#"<path class="m" d="M15 11h34v10H15z"/><path class="f" d="M24 41h16a8 8 0 0 1-7 7h-2a8 8 0 0 1-7-7z"/><path class="l" d="M15 11h34v10H15zM25 21h14l-2 6H27zM39 24h10M23 37h18v3a8 8 0 0 1-8 8h-2a8 8 0 0 1-8-8zM41 39h1.5a2.8 2.8 0 0 1 0 5.6h-3M14 52h36M20 16h4"/><path class="a" d="M30 28.5v5.5M34 28.5v5.5"/>"#
        }
        Picture::Ready => {
            r#"<path class="f" d="M16 33h24v5a10 10 0 0 1-10 10h-4a10 10 0 0 1-10-10z"/><path class="l" d="M16 29h24v9a10 10 0 0 1-10 10h-4a10 10 0 0 1-10-10zM40 32h3a5 5 0 0 1 0 10h-3.2M10 52h44M24 23c-2-2.4 2-3.8 0-6.4M32 23c-2-2.4 2-3.8 0-6.4"/><circle class="d" cx="47" cy="18" r="8"/><path class="o" d="M43.2 18.2l2.7 2.8 5-5.6"/>"#
        }
        Picture::Bell => {
            r#"<path class="m" d="M15 42a17 17 0 0 1 34 0z"/><path class="f" d="M12 42h40v5H12z"/><path class="l" d="M15 42a17 17 0 0 1 34 0zM12 42h40v5H12zM32 25v-3.5M28.5 21h7M22 37a10.5 10.5 0 0 1 5-5.5"/><path class="a" d="M17 21l-3.2-3.2M47 21l3.2-3.2M32 15.5V11"/>"#
        }
        Picture::Aside => {
            r#"<path class="f" d="M29 26h18v4a8 8 0 0 1-8 8h-2a8 8 0 0 1-8-8z"/><path class="l" d="M29 22h18v8a8 8 0 0 1-8 8h-2a8 8 0 0 1-8-8zM47 24.5h1.5a3.5 3.5 0 0 1 0 7h-2M24 42h30M29 42v8l7-8M49 42v8l-7-8"/><path class="a" d="M9 31h12M16.5 26.5L21 31l-4.5 4.5"/>"#
        }
        Picture::Collected => {
            r#"<path class="m" d="M14 44h6l6 3h9a3 3 0 0 1 1 5.8l9-5.6a3 3 0 0 1 3.4 4.8L40 58H24l-10-2z"/><path class="f" d="M22 24h20v4a9 9 0 0 1-9 9h-2a9 9 0 0 1-9-9z"/><path class="l" d="M22 20h20v8a9 9 0 0 1-9 9h-2a9 9 0 0 1-9-9zM42 22.5h2a4 4 0 0 1 0 8h-2M20 40.5h24M14 44h6l6 3h9a3 3 0 0 1 0 6h-8M37 51.5l9-4.3a3 3 0 0 1 3 5L39 58H24l-10-2M9 42h5v15H9M29 15c-1.6-2 1.6-3.2 0-5.4M35 15c-1.6-2 1.6-3.2 0-5.4"/>"#
        }
        Picture::Cancelled => {
            r#"<path class="m" d="M18 25h24v13a10 10 0 0 1-10 10h-4a10 10 0 0 1-10-10z"/><path class="l" d="M18 25h24v13a10 10 0 0 1-10 10h-4a10 10 0 0 1-10-10zM42 28h3a5 5 0 0 1 0 10h-3.2M14 52h32"/><path class="halo" d="M13 50L51 14"/><path class="a" d="M13 50L51 14"/>"#
        }
        Picture::CalledOff => {
            r#"<path class="m" d="M16 48h28v-8a13 13 0 0 0-13-13h-2a13 13 0 0 0-13 13z"/><path class="l" d="M16 48h28v-8a13 13 0 0 0-13-13h-2a13 13 0 0 0-13 13zM25 27.5v-3.5h10v3.5M44 45.5h3a4.6 4.6 0 0 0 0-9.2h-3.6M10 52.5h42"/><circle class="d" cx="47" cy="19" r="8"/><path class="o" d="M43 19h8"/>"#
        }
        Picture::Recalled => {
            r#"<path class="f" d="M20 37h22v4a9 9 0 0 1-9 9h-4a9 9 0 0 1-9-9z"/><path class="l" d="M20 33h22v8a9 9 0 0 1-9 9h-4a9 9 0 0 1-9-9zM42 35.5h2.5a4.5 4.5 0 0 1 0 9H42M16 54h30"/><path class="a" d="M46 27a15 15 0 0 0-28-3M17 15.5L17.6 24.4 26 22"/>"#
        }
        Picture::TimedOut => {
            r#"<path class="m" d="M22 13h20v5c0 7-8 9-8 14s8 7 8 14v5H22v-5c0-7 8-9 8-14s-8-7-8-14z"/><path class="f" d="M24 51v-4c0-4 4-6.5 8-9 4 2.5 8 5 8 9v4z"/><path class="l" d="M22 13v5c0 7 8 9 8 14s-8 7-8 14v5M42 13v5c0 7-8 9-8 14s8 7 8 14v5"/><path class="a" d="M18 12.5h28M18 51.5h28"/>"#
        }
        Picture::Late => {
            r#"<path class="m" d="M13 32h22v8a9 9 0 0 1-9 9h-4a9 9 0 0 1-9-9z"/><circle class="m" cx="43" cy="22" r="12"/><path class="l" d="M13 32h22v8a9 9 0 0 1-9 9h-4a9 9 0 0 1-9-9zM35 36.5h2a4 4 0 0 1 0 8h-3M9 53h32"/><circle class="l" cx="43" cy="22" r="12"/><path class="a" d="M43 14.5V22l-5 4"/>"#
        }
        Picture::Cold => {
            r#"<path class="f" d="M18 35h24v3a10 10 0 0 1-10 10h-4a10 10 0 0 1-10-10z"/><path class="l" d="M18 30h24v8a10 10 0 0 1-10 10h-4a10 10 0 0 1-10-10zM42 32.5h3a5 5 0 0 1 0 10h-3.2M14 52h32"/><path class="a" d="M30 9v15M23.5 12.8l13 7.5M36.5 12.8l-13 7.5M28 10.5l2 2 2-2M28 22.5l2-2 2 2"/>"#
        }
        Picture::Closed => {
            r#"<path class="m" d="M20 12h24v40H20z"/><path class="l" d="M20 52V14a2 2 0 0 1 2-2h20a2 2 0 0 1 2 2v38M13 52h38M39.5 37v3M26.5 25l5.5-6.5 5.5 6.5"/><path class="d" d="M24.5 25h15a1 1 0 0 1 1 1v6a1 1 0 0 1-1 1h-15a1 1 0 0 1-1-1v-6a1 1 0 0 1 1-1z"/><path class="o" d="M28.5 29h7"/>"#
        }
        Picture::Finished => {
            r#"<path class="m" d="M22 14c6-3.5 11 3 18 0 3-1.2 5-1.4 8-.6v18c-3-.8-5-.6-8 .6-7 3-12-3.5-18 0z"/><path class="f" d="M22 14c3-1.8 6-1.2 9-.2v9c-3-1-6-1.5-9 .2zM31 22.8c3 .9 6 1.2 9 .2v9c-3 1.2-6 .7-9-.3z"/><path class="l" d="M22 11v42M16 53h12M22 14c6-3.5 11 3 18 0 3-1.2 5-1.4 8-.6v18c-3-.8-5-.6-8 .6-7 3-12-3.5-18 0"/>"#
        }
        Picture::Enjoyed => {
            r#"<path class="f" d="M18 37h24v2a10 10 0 0 1-10 10h-4a10 10 0 0 1-10-10z"/><path class="m" d="M18 33h24v4H18z"/><path class="l" d="M18 33h24v6a10 10 0 0 1-10 10h-4a10 10 0 0 1-10-10zM42 35.5h3a4.8 4.8 0 0 1 0 9.6h-3.6M13 53h34"/><path class="d" d="M30 28.5l-7-6.8a4.9 4.9 0 0 1 7-6.9 4.9 4.9 0 0 1 7 6.9z"/><path class="a" d="M47.5 18v5M45 20.5h5M13.5 23v4M11.5 25h4M42 10.5v3M40.5 12h3"/>"#
        }
    }
}
