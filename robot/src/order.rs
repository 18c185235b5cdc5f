//! The workflow of one robot order: start, submit, claim, complete and collect, with retries.

use std::time::{Duration, Instant};

use domain::answer::Answer;
use domain::ids::OrderId;
use hyper::body::Bytes;
use uuid::Uuid;

use crate::Robots;
use crate::choice::{choose, random_below};
use crate::client::{ClientError, Credential};
use crate::codes::{self, DisplayedCode};
use crate::retry_policy::{RETRY_TIMEOUT, RetryPolicy, random_fraction};
use crate::step::{CollectedOrder, OrderFailure, RobotStep};
use crate::tally::Tally;

/// Mean delay before a start is repeated at a shop that is at capacity; varies by half in either direction.
const FULL_SHOP_DELAY: Duration = Duration::from_millis(200);

/// Refusals of a choice that a newer menu may prevent.
const MENU_PROBLEMS: [&str; 3] = ["not_on_the_menu", "sold_out", "menu_changed"];

pub(super) struct RobotOrder<'a> {
    robots: &'a Robots,
    id: OrderId,
    retry_policy: RetryPolicy,
    started: Instant,
}

impl<'a> RobotOrder<'a> {
    pub(super) fn new(robots: &'a Robots) -> Self {
        let now = Instant::now();
        Self { robots, id: OrderId(Uuid::now_v7()), retry_policy: RetryPolicy::new(RETRY_TIMEOUT, now), started: now }
    }

    pub(super) async fn run(mut self) -> Result<CollectedOrder, OrderFailure> {
        let bar = &self.robots.credential;
        let device = if self.robots.as_guests { Some(self.start_as_guest().await?) } else { None };
        if device.is_none() {
            self.start(bar, &[]).await?;
        }
        let submitted = self.submit(device.as_ref().unwrap_or(bar)).await?;
        let mut version = submitted.version;
        for step in [RobotStep::Claim, RobotStep::Complete, RobotStep::Collect] {
            if !self.robots.linger.is_zero() {
                tokio::time::sleep(self.robots.linger.mul_f64(0.5 + random_fraction())).await;
            }
            let version_field = version.map(|version| ("version", version.to_string()));
            version = self.command(step, bar, version_field.as_slice()).await?.version;
        }
        Ok(CollectedOrder { number: submitted.number, elapsed: self.started.elapsed() })
    }

    /// Scans the displayed code and starts an order with it; waits for the next code if this one is used up or expired.
    async fn start_as_guest(&mut self) -> Result<Credential, OrderFailure> {
        let (mut used, mut code_timeout) = (None, RETRY_TIMEOUT);
        loop {
            let code = codes::next_code(self.robots.code.subscribe(), used, code_timeout).await;
            let DisplayedCode { window, text } = code.map_err(|error| OrderFailure { step: RobotStep::Scan, error })?;
            // Time spent waiting for a code counts neither as latency nor towards the retry timeout.
            self.started = Instant::now();
            self.retry_policy = RetryPolicy::new(RETRY_TIMEOUT, self.started);
            match self.start_with(&text).await {
                Ok(device) => return Ok(device),
                Err(OrderFailure { error: ClientError::Rejected { slug, retry_after, .. }, .. })
                    if ["code_used_up", "code_over", "code_unknown"].contains(&slug.as_str()) =>
                {
                    used = Some(window);
                    code_timeout = RETRY_TIMEOUT + Duration::from_secs(retry_after.unwrap_or(0).into());
                }
                Err(failed) => return Err(failed),
            }
        }
    }

    async fn start_with(&mut self, code: &str) -> Result<Credential, OrderFailure> {
        let device = {
            let robots = self.robots;
            let mut request = self.request(RobotStep::Scan);
            loop {
                match robots.client.scan(code).await {
                    Ok(device) => break request.succeed(device),
                    Err(error) => request.back_off(error).await?,
                }
            }
        };
        self.start(&device, &[("code", code.to_owned())]).await?;
        Ok(device)
    }

    /// Starts the order. At capacity it retries with a new order id, because a rejected order id stays rejected.
    async fn start(&mut self, credential: &Credential, fields: &[(&str, String)]) -> Result<Answer, OrderFailure> {
        let first = Instant::now();
        loop {
            match self.command(RobotStep::Start, credential, fields).await {
                Err(failed) if failed.error.is("shop_unavailable/full") && first.elapsed() < RETRY_TIMEOUT => {
                    self.robots.tally.record_retry();
                    tokio::time::sleep(FULL_SHOP_DELAY.mul_f64(0.5 + random_fraction())).await;
                    self.id = OrderId(Uuid::now_v7());
                }
                answer => return answer,
            }
        }
    }

    /// Submits a random choice. Rereads the menu and chooses again once if the choice is not available.
    async fn submit(&mut self, guest: &Credential) -> Result<Answer, OrderFailure> {
        let mut attempts = 0;
        loop {
            let choice = choose(&self.robots.menu(), random_below).unwrap_or_default();
            // A different body needs a different idempotency key.
            let mut fields = vec![("drink", choice.drink), ("key", format!("submit-{attempts}-{}", self.id))];
            fields.extend(choice.seen.map(|seen| ("seen", seen.0)));
            let options = choice.options.into_iter().map(|(group, option)| (format!("options[{group}]"), option));
            let extras = choice.extras.iter().flat_map(|(group, boxes)| {
                boxes.iter().map(move |(option, on)| (format!("extras[{group}][{option}]"), on.clone()))
            });
            let picked: Vec<_> = options.chain(extras).collect();
            fields.extend(picked.iter().map(|(field, option)| (field.as_str(), option.clone())));
            match self.command(RobotStep::Submit, guest, &fields).await {
                Err(failed) if attempts == 0 && MENU_PROBLEMS.iter().any(|problem| failed.error.is(problem)) => {
                    attempts += 1;
                    self.read_menu().await?;
                }
                answer => return answer,
            }
        }
    }

    async fn read_menu(&mut self) -> Result<(), OrderFailure> {
        let robots = self.robots;
        let mut request = self.request(RobotStep::Submit);
        while let Err(error) = robots.read_menu().await {
            request.back_off(error).await?;
        }
        Ok(())
    }

    /// Sends one command, and repeats it under the same idempotency key until there is a response.
    async fn command(
        &mut self,
        step: RobotStep,
        credential: &Credential,
        fields: &[(&str, String)],
    ) -> Result<Answer, OrderFailure> {
        let (robots, path) = (self.robots, step.path());
        let mut form = vec![("shop", robots.shop.to_string()), ("order", self.id.to_string())];
        form.extend_from_slice(fields);
        if !fields.iter().any(|(name, _)| *name == "key") {
            form.push(("key", format!("{}-{}", step.as_str(), self.id)));
        }
        let form = Bytes::from(serde_urlencoded::to_string(form).expect("text pairs always encode"));
        let mut request = self.request(step);
        loop {
            match robots.client.command(&path, credential, form.clone()).await {
                Ok(answer) => return Ok(request.succeed(answer)),
                Err(error) if request.was_already_applied(&error) => return Ok(Answer::default()),
                Err(error) => request.back_off(error).await?,
            }
        }
    }

    fn request(&mut self, step: RobotStep) -> RetriedRequest<'_> {
        RetriedRequest {
            step,
            tally: &self.robots.tally,
            retry_policy: &mut self.retry_policy,
            first: Instant::now(),
            outcome_unknown: false,
        }
    }
}

/// One request that is repeated until there is a response.
struct RetriedRequest<'a> {
    step: RobotStep,
    tally: &'a Tally,
    retry_policy: &'a mut RetryPolicy,
    first: Instant,
    /// At least one attempt may have been executed without its response arriving.
    outcome_unknown: bool,
}

impl RetriedRequest<'_> {
    fn succeed<T>(self, answer: T) -> T {
        self.tally.record_latency(self.step, self.first.elapsed());
        *self.retry_policy = RetryPolicy::new(RETRY_TIMEOUT, Instant::now());
        answer
    }

    /// Whether an earlier attempt with a lost response was executed. A server that no longer has the receipt answers
    /// `step_illegal`. The next step verifies the assumption, so it does not hold for the last step.
    fn was_already_applied(&self, error: &ClientError) -> bool {
        self.outcome_unknown && error.is("step_illegal") && self.step != RobotStep::Collect
    }

    /// Waits until the request may be repeated, or returns the failure if it may not.
    async fn back_off(&mut self, error: ClientError) -> Result<(), OrderFailure> {
        self.outcome_unknown |= error.is_outcome_unknown();
        let Some(delay) = self.retry_policy.next_delay(&error, Instant::now(), random_fraction()) else {
            return Err(OrderFailure { step: self.step, error });
        };
        self.tally.record_retry();
        tokio::time::sleep(delay).await;
        Ok(())
    }
}
