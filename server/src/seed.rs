//! The demo shop that the first start creates.

use domain::access::Actor;
use domain::command::StoreCommand;
use domain::hours::Hours;
use domain::ids::ShopId;
use domain::limits::Limits;
use domain::menu::Menu;
use engine::{CommandError, CommandRequest, Engine};
use serde::Deserialize;

use crate::Error;

#[derive(Deserialize)]
pub(crate) struct Demo {
    pub(crate) name: String,
    pub(crate) menu: Menu,
}

/// Parses the embedded demo shop.
pub(crate) fn demo() -> Demo {
    serde_json::from_str(include_str!("../seed/demo.json")).expect("the embedded file is valid")
}

/// Creates the demo shop and returns its slug.
pub(crate) async fn create_demo_shop(engine: &Engine) -> Result<ShopId, Error> {
    let demo = demo();
    let shop: ShopId = "demo".parse().expect("demo is a valid slug");
    engine.open(&shop, None).await?;
    let command =
        StoreCommand::Create { name: demo.name, menu: demo.menu, limits: Limits::default(), hours: Hours::default() }
            .into();
    let request = CommandRequest { actor: Actor::System, command, idempotency_key: None, name: None };
    let reply = engine.execute(&shop, request).await.unwrap_or(Err(CommandError::Broken));
    reply.map(|_| shop).map_err(Error::Seed)
}
