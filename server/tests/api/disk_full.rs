//! A disk without room: commands are refused as busy, everything else goes on, and nothing has to be done afterwards.

use axum::http::StatusCode;
use domain::view::display::Display;

use crate::harness::request::TestResponse;
use crate::harness::{Browser, LivePage, TempDir, new_order};
use crate::restart::program::{ServerProcess, run_command};

async fn walk_in(script: &Browser) -> TestResponse {
    script.command("orders/walk_in", &[("order", &new_order().to_string()), ("drink", "mocha")]).await
}

/// Expects that a command is refused because the disk is full.
async fn expect_busy(script: &Browser) {
    let refused = walk_in(script).await;
    assert_eq!((refused.status, refused.slug().as_str()), (StatusCode::SERVICE_UNAVAILABLE, "busy"));
    assert_ne!(refused.header("retry-after"), "");
}

/// The program with a script and a screen of the shop.
async fn sign_in(data: &TempDir, program: &ServerProcess) -> (Browser, Browser) {
    let token = run_command(data.path(), &["token", "--role", "barista"]).await.unwrap();
    let screen = Browser::new(program.addr);
    screen.redeem_link(program.link("display")).await;
    (Browser::with_token(program.addr, token.trim().to_owned()), screen)
}

#[tokio::test]
async fn a_full_disk_refuses_commands_as_busy_until_there_is_room() {
    let data = TempDir::new();
    let program = ServerProcess::serve_with_file_limit(data.path(), "unlimited").await;
    let (script, screen) = sign_in(&data, &program).await;
    let mut tv: LivePage<Display> = LivePage::open(&screen, "display").await;
    walk_in(&script).await.expect_ok();
    tv.wait_until(|view, _| view.rows.len() == 1).await;

    program.set_full(true);
    for _ in 0..3 {
        expect_busy(&script).await;
    }
    let refused = run_command(data.path(), &["token", "--role", "robot"]).await.unwrap_err();
    assert!(refused.contains("cannot be read or written"), "{refused}");
    assert_eq!(Browser::new(program.addr).get("/s/demo").await.status, StatusCode::OK);
    let late: LivePage<Display> = LivePage::open(&screen, "display").await;
    assert_eq!(late.view().rows.len(), 1);

    program.set_full(false);
    walk_in(&script).await.expect_ok();
    tv.wait_until(|view, _| view.rows.len() == 2).await;
    assert!(tv.received.iter().all(|frame| frame.name != "reset"));
    run_command(data.path(), &["token", "--role", "robot"]).await.unwrap();
    program.signal("TERM");
    assert!(program.wait_for_exit().await.success());
}

#[tokio::test]
async fn a_start_on_a_full_disk_serves_what_it_can_read_and_goes_on_when_there_is_room() {
    let data = TempDir::new();
    let program = ServerProcess::serve(data.path()).await;
    let (script, screen) = sign_in(&data, &program).await;
    walk_in(&script).await.expect_ok();
    program.signal("KILL");
    program.wait_for_exit().await;

    // 32 KiB are what the shared memory of SQLite takes, which a start releases before it takes them.
    let program = ServerProcess::serve_with_file_limit(data.path(), "64").await;
    let (script, screen) = (script.with_addr(program.addr), screen.with_addr(program.addr));
    let open = script.get("/s/demo/orders?state=open").await;
    assert_eq!((open.status, open.text().contains("mocha")), (StatusCode::OK, true), "{}", open.text());
    let mut tv: LivePage<Display> = LivePage::open(&screen, "display").await;
    assert_eq!(tv.view().rows.len(), 1);
    expect_busy(&script).await;

    program.set_full(false);
    walk_in(&script).await.expect_ok();
    tv.wait_until(|view, _| view.rows.len() == 2).await;
    program.signal("TERM");
    assert!(program.wait_for_exit().await.success());
}
