//! Whole orders per second over HTTP, with robots on the same cores and every answer durable.

use crate::bare::{self, BareServer};
use crate::memory::Memory;
use crate::program::{Binary, RobotAuth};
use crate::scratch::Scratch;
use crate::table::{Series, TableRow};
use crate::{BenchResult, Scale, progress};

pub(crate) async fn measure(binary: &Binary, scale: Scale) -> BenchResult<Vec<TableRow>> {
    let data = Scratch::new()?;
    let server = binary.serve(data.path()).await?;
    let bare = BareServer::serve().await?;
    let (mut here, mut baseline) = (Series::default(), Series::default());
    let product_orders = || binary.robots(server.addr, RobotAuth::Data(data.path()), scale.orders);
    let bare_orders = || binary.robots(bare.addr, RobotAuth::Token(bare::TOKEN), scale.orders);
    // Warm up both sides: page faults and prepared statements.
    product_orders().await?;
    bare_orders().await?;
    for run in 0..scale.runs {
        // The order alternates, so that neither side always runs on a warm machine.
        let (orders, posts) = if run.is_multiple_of(2) {
            let orders = product_orders().await?;
            (orders, bare_orders().await?)
        } else {
            let posts = bare_orders().await?;
            (product_orders().await?, posts)
        };
        here.push(orders);
        baseline.push(posts);
        progress("orders", run, scale, &format!("{orders:.0} a second, {posts:.0} where nothing is done"));
    }
    let Memory { resident, most, private } = Memory::of(server.id())?;
    let orders = TableRow {
        what: format!("whole orders a second (start, submit, claim, ready, collect), {} a run", scale.orders),
        here: here.show(0),
        beside: format!("the same posts, only answered: {}", baseline.show(0)),
        ratio: here.over(&baseline).show(2),
        promise: "≥ 1,333".to_owned(),
    };
    let memory = TableRow {
        what: "memory after these orders, resident, MB".to_owned(),
        here: format!("{resident:.1}; the program's own {private:.1}, at most {most:.1}"),
        beside: String::new(),
        ratio: String::new(),
        promise: String::new(),
    };
    Ok(vec![orders, memory])
}
