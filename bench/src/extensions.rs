//! What the extensions of the house cost the orders: the same robots at the same bar, with all of them on and all off.

use crate::caller::{Caller, Pass};
use crate::program::{Binary, Way};
use crate::scratch::Scratch;
use crate::table::{Line, Series};
use crate::{Outcome, Scale, progress};

pub(crate) async fn measure(binary: &Binary, scale: Scale) -> Outcome<Vec<Line>> {
    let data = Scratch::new()?;
    let bar = binary.serve(data.path()).await?;
    let manager = Pass("authorization", format!("Bearer {}", binary.token(data.path(), "manager").await?));
    let mut office = Caller::to(bar.addr)?;
    let mut orders = async |on: bool| -> Outcome<f64> {
        for card in ::extensions::all() {
            let form = format!("shop=demo&extension={}&on={on}", card.name);
            office.post("/api/store/extension", &manager, &form)?;
        }
        binary.robots(bar.addr, Way::Data(data.path()), scale.orders).await
    };
    orders(true).await?;
    let (mut with, mut without) = (Series::default(), Series::default());
    for run in 0..scale.runs {
        // In turns, so that neither always has the longer log.
        let (here, beside) = if run.is_multiple_of(2) {
            let here = orders(true).await?;
            (here, orders(false).await?)
        } else {
            let beside = orders(false).await?;
            (orders(true).await?, beside)
        };
        with.push(here);
        without.push(beside);
        progress("extensions", run, scale, &format!("{here:.0} orders a second with all, {beside:.0} with none"));
    }
    Ok(vec![Line {
        what: format!("whole orders a second with all extensions on, {} a run", scale.orders),
        here: with.show(0),
        beside: format!("the same with all off: {}", without.show(0)),
        ratio: with.over(&without).show(2),
        promise: "≥ 0.95".to_owned(),
    }])
}
