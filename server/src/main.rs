//! The program `crema`: reads what it is told, and says what it did.

use std::error::Error as StdError;
use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser;
use server::cli::{Cli, Command, ImportArgs, PassArgs, ShopAddArgs, ShopCommand};
use server::clock::System;
use server::config::Settings;
use server::control::{IssuedPass, PassKind, Request};
use server::import::{Report, Request as ImportRequest};
use server::shop_creation;
use server::{Bar, pass};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tracing_subscriber::EnvFilter;

/// What is to be known of every link.
const LINKS: &str = "Links work once and for ten minutes; `crema link` makes new ones.";

type Outcome = Result<(), Box<dyn StdError>>;

fn main() -> ExitCode {
    let cli = Cli::parse();
    // Four even on one core: a page that is being rendered must not hold up a stream.
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build();
    let outcome = runtime.map_err(Into::into).and_then(|runtime| runtime.block_on(run(cli)));
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Where nobody listens any more, the exit code still says it.
            let _ = complain(&*error);
            ExitCode::FAILURE
        }
    }
}

fn complain(error: &dyn StdError) -> std::io::Result<()> {
    let mut to = std::io::stderr().lock();
    writeln!(to, "crema: {error}")?;
    let mut cause = error.source();
    while let Some(inner) = cause {
        writeln!(to, "  because {inner}")?;
        cause = inner.source();
    }
    Ok(())
}

async fn run(cli: Cli) -> Outcome {
    let settings = cli.settings()?;
    match &cli.command {
        None | Some(Command::Serve(_)) => serve(&settings).await,
        Some(Command::Token(args)) => say(&make(&settings, args, PassKind::Token).await?.secret.reveal()),
        Some(Command::Link(args)) => {
            let IssuedPass { secret, base } = make(&settings, args, PassKind::Link).await?;
            say(&format!("{}/enter/{}", base_of(&settings, base), secret.reveal()))
        }
        Some(Command::Shop(ShopCommand::Add(args))) => add_shop(&settings, args).await,
        Some(Command::Import(args)) => say(import(&settings, args).await?.to_string().trim_end()),
        Some(Command::Robot(args)) => server::robot::run(args).await,
    }
}

async fn serve(settings: &Settings) -> Outcome {
    let filter = EnvFilter::try_new(&settings.log)?;
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    any_spawner::Executor::init_tokio()?;
    let listener = TcpListener::bind(settings.addr)
        .await
        .map_err(|error| format!("cannot listen on {}: {error}; choose another --addr", settings.addr))?;
    let bar = Bar::open(settings, Arc::new(System::new()), extensions::all()).await?;
    let base = bar.base(&listener)?;
    for shop in bar.shops() {
        say(&bar.links(&shop).await?.told(&shop, &base))?;
    }
    say(&format!("{LINKS} Stop with Ctrl-C."))?;
    let stop = CancellationToken::new();
    tokio::spawn(stop_on_signal(stop.clone())?);
    bar.serve(listener, stop).await?;
    Ok(())
}

/// Ctrl-C and SIGTERM end the program in good order; a second one at once.
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
                #[expect(clippy::disallowed_methods, reason = "whoever asks twice does not want to wait")]
                std::process::exit(130);
            }
            stop.cancel();
        }
    })
}

async fn make(settings: &Settings, args: &PassArgs, what: PassKind) -> Result<IssuedPass, server::Error> {
    let request = Request { make: what, shop: args.shop.clone(), role: args.role };
    pass(settings, &request, &System::new()).await
}

async fn add_shop(settings: &Settings, args: &ShopAddArgs) -> Outcome {
    let ShopAddArgs { shop, name, like, .. } = args.clone();
    let request = shop_creation::Request { shop, name, like };
    let created = server::add_shop(settings, &request, &System::new()).await?;
    say(&created.links.told(&request.shop, &base_of(settings, created.base)))?;
    say(LINKS)
}

/// Where browsers find the bar: where the server says, else where it would be.
fn base_of(settings: &Settings, said: Option<String>) -> String {
    let base = said.or_else(|| settings.public_url.as_ref().map(ToString::to_string));
    base.unwrap_or_else(|| format!("http://{}", settings.addr))
}

async fn import(settings: &Settings, args: &ImportArgs) -> Result<Report, Box<dyn StdError>> {
    let ImportArgs { file, shop, name, event, .. } = args.clone();
    // The server may stand in another folder.
    let file = std::path::absolute(file)?;
    let request = ImportRequest { file, shop, name, event };
    Ok(server::import(settings, &request, &System::new()).await?)
}

/// What a command was asked for goes to standard output; a reader that has gone is an error, and no panic.
fn say(text: &str) -> Outcome {
    Ok(writeln!(std::io::stdout(), "{text}")?)
}
