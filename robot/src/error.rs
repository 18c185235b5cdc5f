//! Errors of a run; each message says what to do.

use domain::access::Role;
use domain::ids::ShopId;

use crate::client::ClientError;

/// Why a run could not start or did not finish.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(
        "unsupported server URL {server}: robots use plain HTTP; run them beside the server and give its http:// URL"
    )]
    Https { server: String },
    #[error("no Crema server at {server}: start it, or give another --server")]
    NoServer { server: String, source: ClientError },
    #[error("unknown shop {shop}: give another --shop")]
    UnknownShop { shop: ShopId },
    #[error("the shop {shop} is closed: open it first")]
    Closed { shop: ShopId },
    #[error("the menu of {shop} is empty: add a drink first")]
    EmptyMenu { shop: ShopId },
    #[error("invalid or revoked token: make one with `crema token --shop {shop} --role {required_role}`")]
    TokenInvalid { shop: ShopId, required_role: Role },
    #[error("the token has another role: make one with `crema token --shop {shop} --role {required_role}`")]
    WrongRole { shop: ShopId, required_role: Role },
    #[error("{} of {orders} orders did not finish", orders - finished)]
    Unfinished { finished: u64, orders: u64 },
    /// Also occurs if a shop day ends during the run, since numbers restart with the day.
    #[error("{count} order numbers were given more than once")]
    DuplicateNumbers { count: usize },
}

impl Error {
    /// Maps an error that every further order would get too; `None` for any other.
    pub(super) fn fatal(error: &ClientError, shop: &ShopId, required_role: Role) -> Option<Self> {
        let shop = shop.clone();
        if error.is("token_invalid") {
            Some(Self::TokenInvalid { shop, required_role })
        } else if error.is("role_forbids") || error.is("signed_out") {
            Some(Self::WrongRole { shop, required_role })
        } else if error.is("shop_unknown") {
            Some(Self::UnknownShop { shop })
        } else {
            None
        }
    }
}
