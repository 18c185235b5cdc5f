//! The `crema` binary as a separate process.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};

use tokio::task::spawn_blocking;

use crate::harness::within_timeout;

pub(crate) struct ServerProcess {
    child: Child,
    pub(crate) addr: SocketAddr,
    /// The lines printed at startup.
    lines: Vec<String>,
    /// Keeps stdout open: the process exits when it cannot write.
    _out: BufReader<ChildStdout>,
}

fn crema(data: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_crema"));
    let ours = std::env::vars_os().map(|(name, _)| name);
    for name in ours.filter(|name| name.to_str().is_some_and(|name| name.starts_with("CREMA_"))) {
        command.env_remove(name);
    }
    command.args(args).arg("--data").arg(data);
    command
}

/// Runs a command to its end; returns stdout on success and stderr on failure.
pub(crate) async fn run_command(data: &Path, args: &[&str]) -> Result<String, String> {
    let mut command = crema(data, args);
    let run = spawn_blocking(move || command.output().unwrap());
    let output = within_timeout("a command", run).await.unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    if output.status.success() { Ok(text(output.stdout)) } else { Err(text(output.stderr)) }
}

impl ServerProcess {
    /// Starts the server and waits until it has printed its address.
    pub(crate) async fn serve(data: &Path) -> Self {
        Self::spawn(crema(data, &["serve", "--addr", "127.0.0.1:0", "--log", "warn"])).await
    }

    /// Starts the server with this log filter and writes stderr to a file.
    pub(crate) async fn serve_with_log(data: &Path, log: &str, to: File) -> Self {
        let mut command = crema(data, &["serve", "--addr", "127.0.0.1:0", "--log", log]);
        command.stderr(to);
        Self::spawn(command).await
    }

    /// Starts the server with further arguments and writes its log from warnings on to a file.
    pub(crate) async fn serve_with_args(data: &Path, args: &[&str], log: File) -> Self {
        // With a public URL the program does not print its port.
        let addr = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let mut command = crema(data, &["serve", "--log", "warn"]);
        command.args(args).arg("--addr").arg(addr.to_string()).stderr(log);
        Self::spawn_at(command, Some(addr)).await
    }

    /// The lines printed at startup.
    pub(crate) fn lines(&self) -> &[String] {
        &self.lines
    }

    /// Starts the server with this soft limit of open files.
    pub(crate) async fn serve_with_open_files(data: &Path, files: u32) -> Self {
        Self::serve_after(&format!("ulimit -S -n {files}"), data).await
    }

    /// Starts the server on a disk on which a write fails: a file larger than `file_blocks` (512 bytes each) is refused.
    pub(crate) async fn serve_with_file_limit(data: &Path, file_blocks: &str) -> Self {
        Self::serve_after(&format!("trap '' XFSZ && ulimit -S -f {file_blocks}"), data).await
    }

    /// Changes the limit of [`Self::serve_with_file_limit`] to nothing, or to no limit at all.
    pub(crate) fn set_full(&self, is_full: bool) {
        use rustix::process::{Pid, Resource, Rlimit, prlimit};
        let pid = Pid::from_raw(self.pid().cast_signed());
        prlimit(pid, Resource::Fsize, Rlimit { current: is_full.then_some(0), maximum: None }).unwrap();
    }

    /// Starts the server after a command of the shell that changes its limits.
    async fn serve_after(setup: &str, data: &Path) -> Self {
        let program = crema(data, &["serve", "--addr", "127.0.0.1:0", "--log", "warn"]);
        let mut command = Command::new("sh");
        command.args(["-c", &format!("{setup} && exec \"$0\" \"$@\"")]);
        command.arg(program.get_program()).args(program.get_args());
        program.get_envs().for_each(|(name, _)| {
            command.env_remove(name);
        });
        // The limits hold for the log, too.
        command.stderr(File::create(data.join("log")).unwrap());
        Self::spawn(command).await
    }

    async fn spawn(command: Command) -> Self {
        Self::spawn_at(command, None).await
    }

    /// Waits until the program has printed its links, and reads its address from them if it is not given.
    async fn spawn_at(mut command: Command, addr: Option<SocketAddr>) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let reading = spawn_blocking(move || {
            let mut lines = Vec::new();
            let mut line = String::new();
            while out.read_line(&mut line).unwrap() > 0 && !line.starts_with("Links work once") {
                lines.push(std::mem::take(&mut line).trim().to_owned());
            }
            (lines, out)
        });
        let (lines, out) = within_timeout("the startup of the server", reading).await.unwrap();
        let order = lines.iter().find_map(|line| line.strip_prefix("order")).expect("startup prints the order address");
        let host = order.trim().strip_prefix("http://").and_then(|rest| rest.strip_suffix("/s/demo"));
        let addr = addr.unwrap_or_else(|| host.unwrap().parse().unwrap());
        Self { child, addr, lines, _out: out }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The secret of the link printed for this role.
    pub(crate) fn link(&self, role: &str) -> &str {
        let line = self.lines.iter().find(|line| line.starts_with(role)).unwrap();
        line.rsplit_once("/enter/").unwrap().1
    }

    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("kill").args(["-s", name, &self.pid().to_string()]).status().unwrap();
        assert!(sent.success());
    }

    pub(crate) async fn wait_for_exit(mut self) -> ExitStatus {
        within_timeout("the exit of the process", spawn_blocking(move || self.child.wait().unwrap())).await.unwrap()
    }
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        // A failed test leaves no process behind.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
