//! The measured program as a child process that is killed on drop.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::spawn_blocking;

use crate::BenchResult;

/// Timeout of a start.
const STARTUP_TIMEOUT: Duration = Duration::from_secs(30);

/// Interval between two connection attempts: the resolution of the timer.
const POLL_INTERVAL: Duration = Duration::from_millis(1);

/// Path of the measured binary.
#[derive(Clone, Debug)]
pub(crate) struct Binary(PathBuf);

/// A running `crema serve`.
#[derive(Debug)]
pub(crate) struct ServerProcess {
    child: Child,
    pub addr: SocketAddr,
    /// Time from process start to the first response.
    pub took: Duration,
}

/// Authentication of the robots: a data folder to issue a token in, or a token.
#[derive(Clone, Copy, Debug)]
pub(crate) enum RobotAuth<'a> {
    Data(&'a Path),
    Token(&'a str),
}

impl Binary {
    pub(crate) fn at(path: &Path) -> BenchResult<Self> {
        if path.is_file() {
            return Ok(Self(path.to_owned()));
        }
        Err(format!("no program at {}: build it with `make build`, which prints its path", path.display()).into())
    }

    pub(crate) fn bytes(&self) -> BenchResult<u64> {
        Ok(std::fs::metadata(&self.0)?.len())
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(&self.0);
        let ours = std::env::vars_os().map(|(name, _)| name);
        // The user's settings must not affect the figures.
        for name in ours.filter(|name| name.to_str().is_some_and(|name| name.starts_with("CREMA_"))) {
            command.env_remove(name);
        }
        command.args(args).stdin(Stdio::null()).stdout(Stdio::null());
        command
    }

    /// Measures `crema --help`, the baseline of a start.
    pub(crate) async fn help(&self) -> BenchResult<Duration> {
        let mut command = self.command(&["--help"]);
        let (took, status) = spawn_blocking(move || {
            let start = Instant::now();
            command.status().map(|status| (start.elapsed(), status))
        })
        .await??;
        if status.success() { Ok(took) } else { Err("`crema --help` failed".into()) }
    }

    /// Starts a server on a data folder and waits for its first page.
    pub(crate) async fn serve(&self, data: &Path) -> BenchResult<ServerProcess> {
        let addr = TcpListener::bind(("127.0.0.1", 0)).await?.local_addr()?;
        let mut command = self.command(&["serve", "--log", "error", "--addr", &addr.to_string(), "--data"]);
        let start = Instant::now();
        let child = command.arg(data).spawn().map_err(|error| format!("cannot start crema: {error}"))?;
        let mut program = ServerProcess { child, addr, took: Duration::ZERO };
        let asked = tokio::time::timeout(STARTUP_TIMEOUT, program.first_page()).await;
        asked.map_err(|_| "crema did not answer in half a minute")??;
        program.took = start.elapsed();
        Ok(program)
    }

    /// Issues a token in a data folder.
    pub(crate) async fn token(&self, data: &Path, role: &str) -> BenchResult<String> {
        let mut command = self.command(&["token", "--role", role, "--data"]);
        command.arg(data).stdout(Stdio::piped());
        let output = spawn_blocking(move || command.output()).await??;
        let stdout_text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        if output.status.success() { Ok(stdout_text) } else { Err("`crema token` failed".into()) }
    }

    /// Runs `crema robot` and returns whole orders per second.
    pub(crate) async fn robots(&self, addr: SocketAddr, auth: RobotAuth<'_>, orders: u32) -> BenchResult<f64> {
        let server = format!("http://{addr}");
        let mut command = self.command(&["robot", "--rate", "0", "--server", &server, "--orders", &orders.to_string()]);
        match auth {
            RobotAuth::Data(data) => command.arg("--data").arg(data),
            RobotAuth::Token(token) => command.args(["--token", token]),
        };
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let output = spawn_blocking(move || command.output()).await??;
        let stdout_text = String::from_utf8_lossy(&output.stdout);
        if !output.status.success() {
            return Err(format!("the robots failed: {stdout_text}{}", String::from_utf8_lossy(&output.stderr)).into());
        }
        // `4000 of 4000 orders finished in 1.9 s, 2105.3 a second`
        let rate = stdout_text.lines().next().and_then(|line| line.strip_suffix(" a second")?.rsplit_once(", "));
        let rate = rate.and_then(|(_, rate)| rate.parse().ok());
        Ok(rate.ok_or_else(|| format!("no orders per second in the robots' output: {stdout_text}"))?)
    }
}

impl ServerProcess {
    async fn first_page(&mut self) -> BenchResult<()> {
        let mut stream = loop {
            if let Ok(stream) = TcpStream::connect(self.addr).await {
                break stream;
            }
            if let Some(status) = self.child.try_wait()? {
                return Err(format!("crema exited before its first response: {status}").into());
            }
            tokio::time::sleep(POLL_INTERVAL).await;
        };
        stream.write_all(b"GET /s/demo HTTP/1.1\r\nhost: bench\r\nconnection: close\r\n\r\n").await?;
        let mut status = [0; 12];
        stream.read_exact(&mut status).await?;
        if status == *b"HTTP/1.1 200" {
            return Ok(());
        }
        Err(format!("the first response was {}", String::from_utf8_lossy(&status)).into())
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for ServerProcess {
    /// Sends SIGKILL: the server writes no snapshot.
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
