//! `docs/commands.md`, generated from the command table and the rules of access.
#![expect(clippy::unwrap_used, reason = "a test may fail")]

use std::fmt::Write;
use std::path::Path;
use std::sync::{Arc, Mutex};

use domain::access::{Actor, Role};
use domain::answer::Answer;
use domain::ids::{GuestId, ShopId, StaffId};
use futures_util::FutureExt;
use leptos::prelude::provide_context;
use protocol::command::{CommandRow, Idempotency, Input, ROWS, Request};
use uuid::Uuid;

use super::{AnswerFuture, Backend, dispatch};

const HEAD: &str = "# Commands

Every command is `POST /api/{endpoint}` with form-encoded fields. The answer is JSON; a browser that asks for HTML is redirected to the page in the last column, or back to the staff page of the form.
Every command has the field `shop` and accepts the optional field `key` or the header `Idempotency-Key`: the same key gets the same answer for 48 hours, also where the command changed nothing. A refusal is not kept. A header that is empty, repeated or not visible ASCII is refused; an empty field is no key. A command that begins an order uses the order's id as its key.
A browser that is both the guest of an order and signed in as staff acts as the guest, or with the field `by=staff` as staff.
A form of the office carries the field `before`, a digest of the setting that it showed: if somebody else has changed the setting since, nothing is saved.
A refusal is a problem document of [this list](refusals.md). The table is generated from `protocol/src/command.rs` and from `Actor::may_issue`.

| endpoint | what it does | required | optional | actors | returns to |
| --- | --- | --- | --- | --- | --- |
";

/// Remembers the input that a server function issued.
#[derive(Default)]
struct Capture(Mutex<Option<Input>>);

impl Backend for Capture {
    fn issue(&self, _: ShopId, input: Input, _: Option<String>) -> AnswerFuture {
        *self.0.lock().unwrap() = Some(input);
        Box::pin(async { Ok(Answer::default()) })
    }
}

/// A value of the field that decodes.
fn sample(row: &CommandRow, field: &str) -> String {
    match (row.endpoint, field) {
        (_, "order") => "order=018f0000-0000-7000-8000-000000000000".to_owned(),
        ("menu/drink", "drink") => "drink[id]=mocha&drink[name]=Mocha&drink[icon]=cup".to_owned(),
        ("menu/group", "group") => {
            "group[id]=milk&group[name]=Milk&group[options][0][id]=oat&group[options][0][name]=Oat".to_owned()
        }
        (_, "change") => "change[room]=40".to_owned(),
        (_, "thing") => "thing=drink/mocha".to_owned(),
        (_, "on" | "available") => format!("{field}=true"),
        _ => format!("{field}=mocha"),
    }
}

async fn decoded(row: &CommandRow, more: &str) -> Request {
    let fields = row.required.iter().map(|field| sample(row, field));
    let form: Vec<String> = ["shop=demo".to_owned()].into_iter().chain(fields).collect();
    let capture = Arc::new(Capture::default());
    let backend: Arc<dyn Backend> = capture.clone();
    dispatch(row.endpoint, &(form.join("&") + more), move || provide_context(backend)).await.unwrap();
    let input = capture.0.lock().unwrap().take();
    input.unwrap().request
}

async fn actors(row: &CommandRow) -> String {
    // With a code a start is a guest's, without one a robot's.
    let forms = if row.optional.contains(&"code") { ["", "&code=abc"].as_slice() } else { &[""] };
    let mut requests = Vec::new();
    for more in forms {
        requests.push(decoded(row, more).await);
    }
    let guest = ("guest", Actor::Guest(GuestId(Uuid::nil())));
    let roles = Role::ALL.map(|role| (role.as_str(), Actor::Credential(StaffId(Uuid::nil()), role)));
    let all = [guest].into_iter().chain(roles);
    let may = all.filter(|(_, actor)| requests.iter().any(|request| request.may_be_issued_by(*actor)));
    may.map(|(name, _)| name).collect::<Vec<_>>().join(", ")
}

fn listed(fields: &[&str]) -> String {
    fields.iter().map(|field| format!("`{field}`")).collect::<Vec<_>>().join(", ")
}

#[test]
fn the_documented_commands_are_the_command_table() {
    let mut text = HEAD.to_owned();
    for row in ROWS {
        let summary = row.summary.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ");
        let key = if row.idempotency == Idempotency::Order { " The key is the order." } else { "" };
        let demo: ShopId = "demo".parse().unwrap();
        let page = row.returns_to.path(&demo).replacen("demo", "{shop}", 1);
        let (endpoint, required, optional) = (row.endpoint, listed(row.required), listed(row.optional));
        let actors = actors(row).now_or_never().unwrap();
        writeln!(text, "| `{endpoint}` | {summary}{key} | {required} | {optional} | {actors} | `{page}` |").unwrap();
        assert!(!actors.is_empty(), "nobody may issue {endpoint}");
    }
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/commands.md");
    if std::env::var_os("CREMA_WRITE").is_some() {
        std::fs::write(&file, &text).unwrap();
    }
    let written = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(written == text, "docs/commands.md is outdated: CREMA_WRITE=1 cargo test -p app --features ssr commands");
}
