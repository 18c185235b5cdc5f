//! HTTP client on one kept-alive connection that measures the latency of each request.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use crate::BenchResult;

/// Name and value of the header that authenticates a request.
#[derive(Clone, Debug)]
pub(crate) struct AuthHeader(pub &'static str, pub String);

#[derive(Debug)]
pub(crate) struct HttpClient {
    stream: BufReader<TcpStream>,
}

impl HttpClient {
    pub(crate) fn connect(addr: SocketAddr) -> BenchResult<Self> {
        let stream = TcpStream::connect(addr)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(30)))?;
        Ok(Self { stream: BufReader::new(stream) })
    }

    /// Sends a GET. Returns the latency, from the first byte written to the last byte read, and the body.
    pub(crate) fn get(&mut self, path: &str, pass: &AuthHeader) -> BenchResult<(Duration, String)> {
        self.send(&format!("GET {path} HTTP/1.1\r\nhost: bench\r\n{}: {}\r\n\r\n", pass.0, pass.1))
    }

    pub(crate) fn post(&mut self, path: &str, pass: &AuthHeader, form: &str) -> BenchResult<()> {
        let length = form.len();
        let kind = "application/x-www-form-urlencoded";
        let head = format!("POST {path} HTTP/1.1\r\nhost: bench\r\n{}: {}\r\n", pass.0, pass.1);
        self.send(&format!("{head}content-type: {kind}\r\ncontent-length: {length}\r\n\r\n{form}")).map(|_| ())
    }

    fn send(&mut self, request: &str) -> BenchResult<(Duration, String)> {
        let start = Instant::now();
        self.stream.get_mut().write_all(request.as_bytes())?;
        let (mut status, mut length) = (String::new(), None);
        self.stream.read_line(&mut status)?;
        loop {
            let mut line = String::new();
            self.stream.read_line(&mut line)?;
            let line = line.trim_end().to_ascii_lowercase();
            if line.is_empty() {
                break;
            }
            if let Some(value) = line.strip_prefix("content-length:") {
                length = Some(value.trim().parse::<usize>()?);
            }
        }
        let mut body = vec![0; length.ok_or("the response has no Content-Length")?];
        self.stream.read_exact(&mut body)?;
        let took = start.elapsed();
        let body = String::from_utf8(body)?;
        if status.starts_with("HTTP/1.1 200") { Ok((took, body)) } else { Err(format!("{status}{body}").into()) }
    }
}
