//! Settings from flags, environment and a TOML file, in this order of precedence, with defaults.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use serde::Deserialize;
use store::StoreUrl;

use crate::connections::ConnectionLimits;

pub use self::public_url::{ParsePublicUrlError, PublicUrl, is_local};

mod public_url;

/// The effective settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Address and port to listen on.
    pub addr: SocketAddr,
    /// The data folder.
    pub data: PathBuf,
    /// PostgreSQL URL; `None` for an SQLite file in the data folder.
    pub store: Option<StoreUrl>,
    /// Content of an empty data folder.
    pub seed: Seed,
    /// Base URL in links and QR codes; `None` for the host of the request.
    pub public_url: Option<PublicUrl>,
    /// Addresses of proxies whose `X-Forwarded-For` is believed, besides those of this machine.
    pub proxies: Vec<IpAddr>,
    /// Pages answer `?lang=x-pseudo`.
    pub pseudo_locale: bool,
    /// Filter in the syntax of `tracing_subscriber::EnvFilter`.
    pub log: String,
    /// Limits of connections. Only tests change them.
    pub connections: ConnectionLimits,
}

/// Initial content of an empty data folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Seed {
    /// The shop `demo`, open, with a menu
    Demo,
    /// Nothing
    None,
}

/// Location of the data and the settings; accepted by every local command.
#[derive(Clone, Debug, Default, Args)]
pub struct DataLocation {
    /// Folder of the keys, the lock and, without --store, the database [file: data] [default: crema-data]
    #[arg(long, value_name = "DIR", env = "CREMA_DATA", hide_env_values = true)]
    pub data: Option<PathBuf>,
    /// Database URL, as `postgres://user@host/database` [file: store] [default: a file in the data folder]
    #[arg(long, value_name = "URL", env = "CREMA_STORE", hide_env_values = true)]
    pub store: Option<StoreUrl>,
    /// TOML file of settings [default: crema.toml in the data folder, if present]
    #[arg(long, value_name = "FILE", env = "CREMA_CONFIG", hide_env_values = true)]
    pub config: Option<PathBuf>,
}

/// The settings as flags and environment variables.
#[derive(Clone, Debug, Default, Args)]
pub struct SettingArgs {
    #[command(flatten)]
    pub location: DataLocation,
    /// Address and port to listen on [file: addr] [default: 127.0.0.1:3000]
    #[arg(long, value_name = "ADDR", env = "CREMA_ADDR", hide_env_values = true)]
    pub addr: Option<SocketAddr>,
    /// Initial content of an empty data folder [file: seed] [default: demo]
    #[arg(long, value_name = "SEED", env = "CREMA_SEED", hide_env_values = true)]
    pub seed: Option<Seed>,
    #[arg(
        long,
        value_name = "URL",
        env = "CREMA_PUBLIC_URL",
        hide_env_values = true,
        help = "Base URL in links and QR codes [file: public_url] [default: the host of the request]"
    )]
    pub public_url: Option<PublicUrl>,
    #[arg(
        long = "proxy",
        value_name = "ADDR",
        env = "CREMA_PROXIES",
        hide_env_values = true,
        value_delimiter = ',',
        help = "Addresses of proxies whose X-Forwarded-For is believed, besides this machine's [file: proxies]"
    )]
    pub proxies: Vec<IpAddr>,
    #[arg(
        long,
        env = "CREMA_PSEUDO_LOCALE",
        hide_env_values = true,
        help = "For development and tests: pages with ?lang=x-pseudo put each text in brackets [file: pseudo_locale]"
    )]
    pub pseudo_locale: bool,
    /// Log filter, as `info` or `warn,server=debug` [file: log] [default: info]
    #[arg(long, value_name = "FILTER", env = "CREMA_LOG", hide_env_values = true)]
    pub log: Option<String>,
}

/// The settings as keys of the TOML file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileSettings {
    addr: Option<SocketAddr>,
    data: Option<PathBuf>,
    store: Option<StoreUrl>,
    seed: Option<Seed>,
    public_url: Option<PublicUrl>,
    #[serde(default)]
    proxies: Vec<IpAddr>,
    #[serde(default)]
    pseudo_locale: bool,
    log: Option<String>,
}

/// Why the settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("cannot read the settings file {}: make it readable or give another --config", path.display())]
    Unreadable { path: PathBuf, source: io::Error },
    #[error("invalid settings file {}; correct it", path.display())]
    InvalidFile { path: PathBuf, source: toml::de::Error },
    #[error("{} is in the data folder and sets another one; remove `data` from it and give --data", path.display())]
    NestedDataSetting { path: PathBuf },
    #[error("unsupported store URL: give postgres://USER@HOST/DATABASE, or omit it for a file in the data folder")]
    UnsupportedStore,
}

impl Settings {
    /// Merges flags and environment, which clap has already merged, with the file and the defaults.
    ///
    /// # Errors
    /// The file cannot be read or is invalid, or the store URL is unsupported.
    pub fn read(args: &SettingArgs) -> Result<Self, Error> {
        let location = &args.location;
        let file = match &location.config {
            Some(path) => read_file(path)?
                .ok_or_else(|| Error::Unreadable { path: path.clone(), source: io::ErrorKind::NotFound.into() })?,
            None => read_file_in(&location.data.clone().unwrap_or_else(default_data))?,
        };
        let args = args.clone();
        let store = args.location.store.or(file.store);
        if store.as_ref().is_some_and(|store| !store.is_postgres()) {
            return Err(Error::UnsupportedStore);
        }
        let default = Self::default();
        Ok(Self {
            store,
            addr: args.addr.or(file.addr).unwrap_or(default.addr),
            data: args.location.data.or(file.data).unwrap_or(default.data),
            seed: args.seed.or(file.seed).unwrap_or(default.seed),
            public_url: args.public_url.or(file.public_url),
            proxies: if args.proxies.is_empty() { file.proxies } else { args.proxies },
            pseudo_locale: args.pseudo_locale || file.pseudo_locale,
            log: args.log.or(file.log).unwrap_or(default.log),
            connections: default.connections,
        })
    }
}

impl Default for Settings {
    /// The settings without flags, environment and file.
    fn default() -> Self {
        Self {
            addr: (Ipv4Addr::LOCALHOST, 3000).into(),
            data: default_data(),
            store: None,
            seed: Seed::Demo,
            public_url: None,
            proxies: Vec::new(),
            pseudo_locale: false,
            log: "info".to_owned(),
            connections: ConnectionLimits::default(),
        }
    }
}

fn default_data() -> PathBuf {
    "crema-data".into()
}

fn read_file_in(data: &Path) -> Result<FileSettings, Error> {
    let path = data.join("crema.toml");
    let file = read_file(&path)?.unwrap_or_default();
    if file.data.is_some() { Err(Error::NestedDataSetting { path }) } else { Ok(file) }
}

/// Returns `None` if the file does not exist.
fn read_file(path: &Path) -> Result<Option<FileSettings>, Error> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(missing) if missing.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(Error::Unreadable { path: path.to_owned(), source }),
    };
    toml::from_str(&text).map(Some).map_err(|mut source| {
        // The offending line is removed from the error: it may contain a password.
        source.set_input(None);
        Error::InvalidFile { path: path.to_owned(), source }
    })
}

#[cfg(test)]
mod tests;
