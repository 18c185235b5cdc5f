//! Cost of the built-in extensions: order throughput with all of them on and with all of them off.

use std::path::Path;

use crate::http_client::{AuthHeader, HttpClient};
use crate::program::{Binary, RobotAuth, ServerProcess};
use crate::scratch::Scratch;
use crate::table::{Series, TableRow};
use crate::{BenchResult, Scale, progress};

pub(crate) async fn measure(binary: &Binary, scale: Scale) -> BenchResult<Vec<TableRow>> {
    let (on, off) = (RunningShop::open(binary, true).await?, RunningShop::open(binary, false).await?);
    let orders =
        async |bar: &RunningShop| binary.robots(bar.program.addr, RobotAuth::Data(bar.data.path()), scale.orders).await;
    orders(&on).await?;
    orders(&off).await?;
    let (mut with, mut without) = (Series::default(), Series::default());
    for run in 0..scale.runs {
        // The order alternates, so that neither side always runs on a warm machine.
        let (here, beside) = if run.is_multiple_of(2) {
            let here = orders(&on).await?;
            (here, orders(&off).await?)
        } else {
            let beside = orders(&off).await?;
            (orders(&on).await?, beside)
        };
        with.push(here);
        without.push(beside);
        progress("extensions", run, scale, &format!("{here:.0} orders a second with all, {beside:.0} with none"));
    }
    Ok(vec![TableRow {
        what: format!("whole orders a second with all extensions on, {} a run", scale.orders),
        here: with.show(0),
        beside: format!("the same with all off: {}", without.show(0)),
        ratio: with.over(&without).show(2),
        promise: "≥ 0.95".to_owned(),
    }])
}

/// One server per side: an extension that is switched on again would catch up on the missed events.
struct RunningShop {
    data: Scratch,
    program: ServerProcess,
}

impl RunningShop {
    async fn open(binary: &Binary, on: bool) -> BenchResult<Self> {
        let data = Scratch::new()?;
        let program = binary.serve(data.path()).await?;
        switch(binary, &program, data.path(), on).await?;
        Ok(Self { data, program })
    }
}

/// Switches every extension on or off through the API.
pub(crate) async fn switch(binary: &Binary, program: &ServerProcess, data: &Path, on: bool) -> BenchResult<()> {
    let manager = AuthHeader("authorization", format!("Bearer {}", binary.token(data, "manager").await?));
    let mut office = HttpClient::connect(program.addr)?;
    for manifest in ::extensions::all() {
        let form = format!("shop=demo&extension={}&on={on}", manifest.name);
        office.post("/api/store/extension", &manager, &form)?;
    }
    Ok(())
}
