//! Why the robots cannot work, and what to do about it.

use domain::access::Role;
use domain::ids::ShopId;

use crate::config::{self, PublicUrl};
use crate::robot::client::ClientError;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("robots speak plain http and {server} is https: run them beside the server and give its http address")]
    Https { server: PublicUrl },
    #[error("nobody serves Crema at {server}: start it there, or give another --server")]
    NoAnswer { server: PublicUrl, source: ClientError },
    #[error("there is no shop {shop} at this server: give another --shop")]
    NoShop { shop: ShopId },
    #[error("the shop {shop} is closed: open it first")]
    Closed { shop: ShopId },
    #[error("the menu of {shop} is empty: there is nothing to order")]
    NothingOffered { shop: ShopId },
    #[error("the token opens nothing here: make one with `crema token --shop {shop} --role {needed}`")]
    TokenInvalid { shop: ShopId, needed: Role },
    #[error("the token is not for this: make one with `crema token --shop {shop} --role {needed}`")]
    WrongRole { shop: ShopId, needed: Role },
    #[error(transparent)]
    Settings(#[from] config::Error),
    #[error("no token could be made in the data folder")]
    Token(#[source] Box<crate::Error>),
    #[error("there was nobody to send: give --token or --data")]
    NoWay,
    #[error("{} of {orders} orders did not finish", orders - finished)]
    Unfinished { finished: u64, orders: u64 },
    /// As it also comes to pass when a shop day ends meanwhile, since numbers restart with it.
    #[error("{count} numbers were given more than once")]
    NumbersTwice { count: usize },
}

impl Error {
    /// The no that every other order would be told too.
    pub(super) fn of_all(no: &ClientError, shop: &ShopId, needed: Role) -> Option<Self> {
        let shop = shop.clone();
        if no.is("token_invalid") {
            Some(Self::TokenInvalid { shop, needed })
        } else if no.is("role_forbids") || no.is("signed_out") {
            Some(Self::WrongRole { shop, needed })
        } else if no.is("shop_unknown") {
            Some(Self::NoShop { shop })
        } else {
            None
        }
    }
}
