//! One order's way through the bar: begun, submitted, made and collected, whatever breaks in between.

use std::time::{Duration, Instant};

use domain::answer::Answer;
use domain::ids::OrderId;
use hyper::body::Bytes;
use uuid::Uuid;

use crate::robot::Robots;
use crate::robot::choice::{any, choose};
use crate::robot::client::{ClientError, Credential};
use crate::robot::codes::{self, Shown};
use crate::robot::retry_policy::{RETRY_TIMEOUT, RetryPolicy, chance};
use crate::robot::tally::Tally;

/// What a robot does for an order, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Act {
    Scan,
    Start,
    Submit,
    Claim,
    Complete,
    Collect,
}

impl Act {
    pub const ALL: [Self; 6] = [Self::Scan, Self::Start, Self::Submit, Self::Claim, Self::Complete, Self::Collect];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Scan => "scan",
            Self::Start => "start",
            Self::Submit => "submit",
            Self::Claim => "claim",
            Self::Complete => "complete",
            Self::Collect => "collect",
        }
    }
}

/// Where an order ended that should have gone on.
#[derive(Debug)]
pub(super) struct Failed {
    pub act: Act,
    pub no: ClientError,
}

/// An order that was collected.
#[derive(Clone, Copy, Debug)]
pub(super) struct Collected {
    /// `None` when the answer that said it was lost for good.
    pub number: Option<u32>,
    pub took: Duration,
}

/// How long a robot stands back from a bar that is full, give or take a half: drinks are made in a moment there.
const FULL: Duration = Duration::from_millis(200);

pub(super) struct Order<'a> {
    robots: &'a Robots,
    id: OrderId,
    retry_policy: RetryPolicy,
    begun: Instant,
}

impl<'a> Order<'a> {
    pub(super) fn new(robots: &'a Robots) -> Self {
        let now = Instant::now();
        Self { robots, id: OrderId(Uuid::now_v7()), retry_policy: RetryPolicy::new(RETRY_TIMEOUT, now), begun: now }
    }

    pub(super) async fn through(mut self) -> Result<Collected, Failed> {
        let bar = &self.robots.key;
        let device = if self.robots.as_guests { Some(self.start_as_guest().await?) } else { None };
        if device.is_none() {
            self.start(bar, &[]).await?;
        }
        let submitted = self.submit(device.as_ref().unwrap_or(bar)).await?;
        let mut version = submitted.version;
        for act in [Act::Claim, Act::Complete, Act::Collect] {
            if !self.robots.linger.is_zero() {
                tokio::time::sleep(self.robots.linger.mul_f64(0.5 + chance())).await;
            }
            let seen = version.map(|version| ("version", version.to_string()));
            version = self.command(act, bar, seen.as_slice()).await?.version;
        }
        Ok(Collected { number: submitted.number, took: self.begun.elapsed() })
    }

    /// Scans the code on the screen and starts with it; with the next when all its drinks are taken.
    async fn start_as_guest(&mut self) -> Result<Credential, Failed> {
        let (mut used, mut longest) = (None, RETRY_TIMEOUT);
        loop {
            let shown = codes::next(self.robots.shown.subscribe(), used, longest).await;
            let Shown { window, text } = shown.map_err(|no| Failed { act: Act::Scan, no })?;
            // Waiting for a code is no fault of the bar's.
            self.begun = Instant::now();
            self.retry_policy = RetryPolicy::new(RETRY_TIMEOUT, self.begun);
            match self.start_with(&text).await {
                Ok(device) => return Ok(device),
                Err(Failed { no: ClientError::CommandError { slug, retry_after, .. }, .. })
                    if ["code_used_up", "code_over", "code_unknown"].contains(&slug.as_str()) =>
                {
                    used = Some(window);
                    longest = RETRY_TIMEOUT + Duration::from_secs(retry_after.unwrap_or(0).into());
                }
                Err(failed) => return Err(failed),
            }
        }
    }

    async fn start_with(&mut self, code: &str) -> Result<Credential, Failed> {
        let device = {
            let robots = self.robots;
            let mut asking = self.asking(Act::Scan);
            loop {
                match robots.client.scan(code).await {
                    Ok(device) => break asking.done(device),
                    Err(no) => asking.wait(no).await?,
                }
            }
        };
        self.start(&device, &[("code", code.to_owned())]).await?;
        Ok(device)
    }

    /// A bar that has its hands full is asked again, as a new order: the no to the first one stands for ever.
    async fn start(&mut self, who: &Credential, fields: &[(&str, String)]) -> Result<Answer, Failed> {
        let first = Instant::now();
        loop {
            match self.command(Act::Start, who, fields).await {
                Err(failed) if failed.no.is("shop_unavailable/full") && first.elapsed() < RETRY_TIMEOUT => {
                    self.robots.tally.again();
                    tokio::time::sleep(FULL.mul_f64(0.5 + chance())).await;
                    self.id = OrderId(Uuid::now_v7());
                }
                answer => return answer,
            }
        }
    }

    /// Chooses anew when the menu has changed meanwhile.
    async fn submit(&mut self, guest: &Credential) -> Result<Answer, Failed> {
        let mut tries = 0;
        loop {
            let choice = choose(&self.robots.menu(), any).unwrap_or_default();
            // Another choice is another request, and needs another key.
            let mut fields = vec![("drink", choice.drink), ("key", format!("submit-{tries}-{}", self.id))];
            let options = choice.options.into_iter().map(|(group, option)| (format!("options[{group}]"), option));
            let extras = choice.extras.iter().flat_map(|(group, boxes)| {
                boxes.iter().map(move |(option, on)| (format!("extras[{group}][{option}]"), on.clone()))
            });
            let picked: Vec<_> = options.chain(extras).collect();
            fields.extend(picked.iter().map(|(field, option)| (field.as_str(), option.clone())));
            match self.command(Act::Submit, guest, &fields).await {
                Err(failed) if tries == 0 && (failed.no.is("not_on_the_menu") || failed.no.is("sold_out")) => {
                    tries += 1;
                    self.read_menu().await?;
                }
                answer => return answer,
            }
        }
    }

    async fn read_menu(&mut self) -> Result<(), Failed> {
        let robots = self.robots;
        let mut asking = self.asking(Act::Submit);
        while let Err(no) = robots.read_menu().await {
            asking.wait(no).await?;
        }
        Ok(())
    }

    /// Sends the same request under the same key until there is an answer, so that it happens once.
    async fn command(
        &mut self,
        act: Act,
        credential: &Credential,
        fields: &[(&str, String)],
    ) -> Result<Answer, Failed> {
        let (robots, path) = (self.robots, format!("/api/orders/{}", act.as_str()));
        let mut form = vec![("shop", robots.shop.to_string()), ("order", self.id.to_string())];
        form.extend_from_slice(fields);
        if !fields.iter().any(|(name, _)| *name == "key") {
            form.push(("key", format!("{}-{}", act.as_str(), self.id)));
        }
        let form = Bytes::from(serde_urlencoded::to_string(form).expect("pairs of text always encode"));
        let mut asking = self.asking(act);
        loop {
            match robots.client.command(&path, credential, form.clone()).await {
                Ok(answer) => return Ok(asking.done(answer)),
                Err(no) if asking.was_done_before(&no) => return Ok(Answer::default()),
                Err(no) => asking.wait(no).await?,
            }
        }
    }

    fn asking(&mut self, act: Act) -> Asking<'_> {
        Asking {
            act,
            tally: &self.robots.tally,
            retry_policy: &mut self.retry_policy,
            first: Instant::now(),
            was_lost: false,
        }
    }
}

/// One request, sent until there is an answer.
struct Asking<'a> {
    act: Act,
    tally: &'a Tally,
    retry_policy: &'a mut RetryPolicy,
    first: Instant,
    /// It was sent at least once without anybody knowing whether it came through.
    was_lost: bool,
}

impl Asking<'_> {
    fn done<T>(self, answer: T) -> T {
        self.tally.done(self.act, self.first.elapsed());
        *self.retry_policy = RetryPolicy::new(RETRY_TIMEOUT, Instant::now());
        answer
    }

    /// A bar that forgot the answer to a lost request still says that the step is behind it. Whether it was ours, the
    /// next step will tell; the last has none after it.
    fn was_done_before(&self, no: &ClientError) -> bool {
        self.was_lost && no.is("step_illegal") && self.act != Act::Collect
    }

    /// Waits until the request may be sent again, if it may.
    async fn wait(&mut self, no: ClientError) -> Result<(), Failed> {
        self.was_lost |= no.is_lost();
        let Some(pause) = self.retry_policy.pause(&no, Instant::now(), chance()) else {
            return Err(Failed { act: self.act, no });
        };
        self.tally.again();
        tokio::time::sleep(pause).await;
        Ok(())
    }
}
