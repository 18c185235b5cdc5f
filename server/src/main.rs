//! The program `crema`.

use std::error::Error as StdError;
use std::io::Stderr;
use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser;
use engine::clock::SystemClock;
use import::{ImportRequest, Report};
use server::cli::{BackupArgs, Cli, CliCommand, ImportArgs, PassArgs, ShopAddArgs, ShopCommand};
use server::config::{self, Settings};
use server::control::{Backup, BackupRequest, IssuedPass, PassKind, PassRequest};
use server::shop_creation::{self, Links};
use server::{Server, issue_pass};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::fmt::SubscriberBuilder;
use tracing_subscriber::fmt::format::{DefaultFields, Format};

/// Printed after links.
const LINK_HINT: &str = "Links work once and for ten minutes; `crema link` makes new ones.";

/// Printed after links that other devices cannot open.
const LOCAL_HINT: &str = "Only this machine can open these addresses. For phones, give --addr 0.0.0.0:3000 and a \
                          --public-url with the name or address of this machine.";

type MainResult = Result<(), Box<dyn StdError>>;

fn main() -> ExitCode {
    let cli = Cli::parse();
    // Four workers even on one core, so that rendering a page does not delay the streams.
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build();
    let outcome = runtime.map_err(Into::into).and_then(|runtime| runtime.block_on(run(cli)));
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // If standard error is closed, the exit code still reports the failure.
            let _ = print_error(&*error);
            ExitCode::FAILURE
        }
    }
}

fn print_error(error: &dyn StdError) -> std::io::Result<()> {
    let mut to = std::io::stderr().lock();
    writeln!(to, "crema: {error}")?;
    let mut cause = error.source();
    while let Some(inner) = cause {
        writeln!(to, "  caused by: {inner}")?;
        cause = inner.source();
    }
    Ok(())
}

async fn run(cli: Cli) -> MainResult {
    let settings = cli.settings()?;
    if !matches!(cli.command, None | Some(CliCommand::Serve(_))) {
        log_errors();
    }
    match &cli.command {
        None | Some(CliCommand::Serve(_)) => serve(&settings).await,
        Some(CliCommand::Token(args)) => print_line(&issue(&settings, args, PassKind::Token).await?.secret.reveal()),
        Some(CliCommand::Link(args)) => {
            let IssuedPass { secret, base } = issue(&settings, args, PassKind::Link).await?;
            print_line(&format!("{}/enter/{}", base_url(&settings, base), secret.reveal()))
        }
        Some(CliCommand::Shop(ShopCommand::Add(args))) => add_shop(&settings, args).await,
        Some(CliCommand::Import(args)) => print_line(import(&settings, args).await?.to_string().trim_end()),
        Some(CliCommand::Backup(args)) => back_up(&settings, args).await,
        Some(CliCommand::Robot(args)) => server::robot_command::run(args).await,
    }
}

/// Prints what a local command finds wrong with the data, such as lost events.
fn log_errors() {
    log_to_stderr().with_max_level(tracing::Level::ERROR).init();
}

/// A log line that cannot be written, such as to a file on a full disk, is lost. The default is to report that on stderr,
/// which fails as well and panics.
fn log_to_stderr() -> SubscriberBuilder<DefaultFields, Format, LevelFilter, fn() -> Stderr> {
    tracing_subscriber::fmt().log_internal_errors(false).with_writer(std::io::stderr as fn() -> Stderr)
}

async fn serve(settings: &Settings) -> MainResult {
    let filter = EnvFilter::try_new(&settings.log)?;
    log_to_stderr().with_env_filter(filter).init();
    any_spawner::Executor::init_tokio()?;
    server::connections::raise_open_file_limit();
    let listener = TcpListener::bind(settings.addr)
        .await
        .map_err(|error| format!("cannot listen on {}: {error}; choose another --addr", settings.addr))?;
    let bar = Server::open(settings, Arc::new(SystemClock::new()), extensions::all()).await?;
    let base = bar.base(&listener)?;
    for shop in bar.shops() {
        match bar.links(&shop).await {
            Ok(links) => print_line(&links.summary(&shop, &base))?,
            // A full disk does not keep the bar from being served.
            Err(error) => {
                tracing::warn!(%shop, error = engine::error_field(&error), "links cannot be made; `crema link` does later");
                print_line(&Links::address(&shop, &base))?;
            }
        }
    }
    if config::is_local(&base) {
        print_line(LOCAL_HINT)?;
    }
    print_line(&format!("{LINK_HINT} Stop with Ctrl-C."))?;
    let stop = CancellationToken::new();
    tokio::spawn(stop_on_signal(stop.clone())?);
    bar.serve(listener, stop).await?;
    Ok(())
}

/// Starts a graceful shutdown on Ctrl-C or SIGTERM; a second signal exits immediately.
fn stop_on_signal(stop: CancellationToken) -> std::io::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        loop {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            if stop.is_cancelled() {
                #[expect(clippy::disallowed_methods, reason = "a second signal skips the graceful shutdown")]
                std::process::exit(130);
            }
            stop.cancel();
        }
    })
}

async fn issue(settings: &Settings, args: &PassArgs, kind: PassKind) -> Result<IssuedPass, server::Error> {
    let request = PassRequest { make: kind, shop: args.shop.clone(), role: args.role };
    issue_pass(settings, &request, &SystemClock::new()).await
}

async fn add_shop(settings: &Settings, args: &ShopAddArgs) -> MainResult {
    let ShopAddArgs { shop, name, like, .. } = args.clone();
    let request = shop_creation::NewShop { shop, name, like };
    let created = server::add_shop(settings, &request, &SystemClock::new()).await?;
    print_line(&created.links.summary(&request.shop, &base_url(settings, created.base)))?;
    print_line(LINK_HINT)
}

/// Returns the base URL: that of the running server, else the configured one, else the listen address.
fn base_url(settings: &Settings, server_base: Option<String>) -> String {
    let base = server_base.or_else(|| settings.public_url.as_ref().map(ToString::to_string));
    base.unwrap_or_else(|| format!("http://{}", settings.addr))
}

async fn import(settings: &Settings, args: &ImportArgs) -> Result<Report, Box<dyn StdError>> {
    let ImportArgs { file, shop, name, event, .. } = args.clone();
    // The server may have another working directory.
    let file = std::path::absolute(file)?;
    let request = ImportRequest { file, shop, name, event };
    Ok(server::import(settings, &request, &SystemClock::new()).await?)
}

async fn back_up(settings: &Settings, args: &BackupArgs) -> MainResult {
    // The server may have another working directory.
    let folder = std::path::absolute(&args.folder)?;
    let Backup { database, keys } = server::back_up(settings, &BackupRequest { folder }).await?;
    print_line(&database.display().to_string())?;
    print_line(&format!("Copy {} to another place: the backup is of no use without the keys.", keys.display()))
}

/// Prints a result on standard output. A closed pipe is an error, not a panic.
fn print_line(text: &str) -> MainResult {
    Ok(writeln!(std::io::stdout(), "{text}")?)
}
