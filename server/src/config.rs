//! The settings: where they may be given, which of them wins, and what they are when nobody says.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use serde::Deserialize;

pub use self::public_url::{ParsePublicUrlError, PublicUrl};
pub use self::store_url::StoreUrl;

mod public_url;
mod store_url;

/// Everything `serve` needs to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    pub addr: SocketAddr,
    pub data: PathBuf,
    /// None: the log is a file in the data folder.
    pub store: Option<StoreUrl>,
    pub seed: Seed,
    /// None: links and the QR use the host of the request.
    pub public_url: Option<PublicUrl>,
    pub log: String,
}

/// What an empty data folder begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Seed {
    /// The shop `demo`, open, with a menu
    Demo,
    /// Nothing
    None,
}

/// Where the data and the settings are; every command of this machine may be told.
#[derive(Clone, Debug, Default, Args)]
pub struct DataLocation {
    /// Folder of the keys, the lock and, without a --store, the database [file: data] [default: crema-data]
    #[arg(long, value_name = "DIR", env = "CREMA_DATA", hide_env_values = true)]
    pub data: Option<PathBuf>,
    /// Where the log is, as `postgres://user@host/database` [file: store] [default: a file in the data folder]
    #[arg(long, value_name = "URL", env = "CREMA_STORE", hide_env_values = true)]
    pub store: Option<StoreUrl>,
    /// TOML file of settings [default: crema.toml in the data folder, if there]
    #[arg(long, value_name = "FILE", env = "CREMA_CONFIG", hide_env_values = true)]
    pub config: Option<PathBuf>,
}

/// The settings as flags and in the environment.
#[derive(Clone, Debug, Default, Args)]
pub struct SettingArgs {
    #[command(flatten)]
    pub place: DataLocation,
    /// Address and port to listen on [file: addr] [default: 127.0.0.1:3000]
    #[arg(long, value_name = "ADDR", env = "CREMA_ADDR", hide_env_values = true)]
    pub addr: Option<SocketAddr>,
    /// What an empty data folder begins with [file: seed] [default: demo]
    #[arg(long, value_name = "SEED", env = "CREMA_SEED", hide_env_values = true)]
    pub seed: Option<Seed>,
    #[arg(
        long,
        value_name = "URL",
        env = "CREMA_PUBLIC_URL",
        hide_env_values = true,
        help = "Address of the bar in links and in the QR [file: public_url] [default: the host of the request]"
    )]
    pub public_url: Option<PublicUrl>,
    /// What is logged, as `info` or `warn,server=debug` [file: log] [default: info]
    #[arg(long, value_name = "FILTER", env = "CREMA_LOG", hide_env_values = true)]
    pub log: Option<String>,
}

/// The settings as keys of the file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct InFile {
    addr: Option<SocketAddr>,
    data: Option<PathBuf>,
    store: Option<StoreUrl>,
    seed: Option<Seed>,
    public_url: Option<PublicUrl>,
    log: Option<String>,
}

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("cannot read the settings in {}: make the file readable or give another --config", path.display())]
    Unreadable { path: PathBuf, source: io::Error },
    #[error("the settings in {} cannot be used; correct the file", path.display())]
    Wrong { path: PathBuf, source: toml::de::Error },
    #[error("{} lies in the data folder and names another; remove `data` from it and give --data", path.display())]
    NamesAnotherFolder { path: PathBuf },
    #[error("the store is none that this program knows: give postgres://USER@HOST/DATABASE, or nothing for a file")]
    NoSuchStore,
}

impl Settings {
    /// Flag and environment as clap has read them, then the file, then the defaults.
    pub fn read(args: &SettingArgs) -> Result<Self, Error> {
        let place = &args.place;
        let file = match &place.config {
            Some(path) => read_file(path)?
                .ok_or_else(|| Error::Unreadable { path: path.clone(), source: io::ErrorKind::NotFound.into() })?,
            None => read_file_in(&place.data.clone().unwrap_or_else(default_data))?,
        };
        let args = args.clone();
        let store = args.place.store.or(file.store);
        if store.as_ref().is_some_and(|store| !store.is_postgres()) {
            return Err(Error::NoSuchStore);
        }
        Ok(Self {
            store,
            addr: args.addr.or(file.addr).unwrap_or((Ipv4Addr::LOCALHOST, 3000).into()),
            data: args.place.data.or(file.data).unwrap_or_else(default_data),
            seed: args.seed.or(file.seed).unwrap_or(Seed::Demo),
            public_url: args.public_url.or(file.public_url),
            log: args.log.or(file.log).unwrap_or_else(|| "info".to_owned()),
        })
    }
}

fn default_data() -> PathBuf {
    "crema-data".into()
}

fn read_file_in(data: &Path) -> Result<InFile, Error> {
    let path = data.join("crema.toml");
    let file = read_file(&path)?.unwrap_or_default();
    if file.data.is_some() { Err(Error::NamesAnotherFolder { path }) } else { Ok(file) }
}

/// None where there is no file.
fn read_file(path: &Path) -> Result<Option<InFile>, Error> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(missing) if missing.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(Error::Unreadable { path: path.to_owned(), source }),
    };
    toml::from_str(&text).map(Some).map_err(|mut source| {
        // The line in question is not repeated: there may be a password in it.
        source.set_input(None);
        Error::Wrong { path: path.to_owned(), source }
    })
}

#[cfg(test)]
mod tests;
