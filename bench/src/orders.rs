//! Whole orders a second over HTTP, by robots on the same cores, every answer durable.

use crate::bare::{self, Bare};
use crate::memory::Memory;
use crate::program::{Binary, Way};
use crate::scratch::Scratch;
use crate::table::{Line, Series};
use crate::{Outcome, Scale, progress};

pub(crate) async fn measure(binary: &Binary, scale: Scale) -> Outcome<Vec<Line>> {
    let data = Scratch::new()?;
    let bar = binary.serve(data.path()).await?;
    let bare = Bare::serve().await?;
    let (mut here, mut floor) = (Series::default(), Series::default());
    let product = || binary.robots(bar.addr, Way::Data(data.path()), scale.orders);
    let least = || binary.robots(bare.addr, Way::Token(bare::TOKEN), scale.orders);
    // Both once before anything counts: pages are faulted in and statements prepared.
    product().await?;
    least().await?;
    for run in 0..scale.runs {
        // In turns, so that neither always has the machine the other has warmed.
        let (orders, posts) = if run.is_multiple_of(2) {
            let orders = product().await?;
            (orders, least().await?)
        } else {
            let posts = least().await?;
            (product().await?, posts)
        };
        here.push(orders);
        floor.push(posts);
        progress("orders", run, scale, &format!("{orders:.0} a second, {posts:.0} where nothing is done"));
    }
    let Memory { resident, most, private } = Memory::of(bar.id())?;
    let orders = Line {
        what: format!("whole orders a second (start, submit, claim, ready, collect), {} a run", scale.orders),
        here: here.show(0),
        beside: format!("the same posts, only answered: {}", floor.show(0)),
        ratio: here.over(&floor).show(2),
        promise: "≥ 1,333".to_owned(),
    };
    let memory = Line {
        what: "memory after these orders, resident, MB".to_owned(),
        here: format!("{resident:.1}; the program's own {private:.1}, at most {most:.1}"),
        beside: String::new(),
        ratio: String::new(),
        promise: String::new(),
    };
    Ok(vec![orders, memory])
}
