//! Requests and responses, with the checks that hold for every response.

use axum::body::Bytes;
use axum::http::{HeaderMap, Method, StatusCode, header};
use domain::answer::Answer;
use protocol::problem::Problem;

use crate::harness::page::Page;

/// All slugs that a problem's `type` may end with.
const SLUGS: [&str; 44] = [
    "menu_changed",
    "reason_missing",
    "code_unknown",
    "code_over",
    "code_used_up",
    "shop_closed",
    "shop_unavailable/closed",
    "shop_unavailable/paused",
    "shop_unavailable/full",
    "shop_unavailable/limit",
    "shop_unavailable/not_started",
    "shop_unavailable/ended",
    "sold_out",
    "count_wrong",
    "menu_wrong",
    "hours_wrong",
    "slow_down",
    "extended_already",
    "limit_out_of_range",
    "setting_changed",
    "not_on_the_menu",
    "order_unknown",
    "order_anothers",
    "step_illegal",
    "order_moved_on",
    "shop_exists",
    "shop_unknown",
    "page_unknown",
    "schema_unpublished",
    "signed_out",
    "device_unknown",
    "token_invalid",
    "role_forbids",
    "foreign_post",
    "idempotency_key_reused",
    "link_unknown",
    "link_used",
    "link_over",
    "malformed",
    "method_wrong",
    "body_too_large",
    "body_late",
    "busy",
    "broken",
];

/// A request before the client adds cookies or a token.
#[derive(Clone, Debug)]
pub(crate) struct TestRequest {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
}

impl TestRequest {
    pub(crate) fn get(path: &str) -> Self {
        Self { method: Method::GET, path: path.to_owned(), headers: Vec::new(), body: String::new() }
    }

    /// A form post.
    pub(crate) fn post(path: &str, fields: &[(&str, &str)]) -> Self {
        let body = serde_urlencoded::to_string(fields).unwrap();
        let request = Self { method: Method::POST, body, ..Self::get(path) };
        request.with("content-type", "application/x-www-form-urlencoded")
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.retain(|(known, _)| *known != name);
        self.headers.push((name, value.into()));
        self
    }

    pub(crate) fn with_method(self, method: Method) -> Self {
        Self { method, ..self }
    }
}

/// A response with its body.
#[derive(Clone, Debug)]
pub(crate) struct TestResponse {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl TestResponse {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    /// Expects success and returns the command's answer.
    pub(crate) fn expect_ok(&self) -> Answer {
        assert_eq!((self.status, self.header("content-type")), (StatusCode::OK, "application/json"), "{}", self.text());
        serde_json::from_slice(&self.body).unwrap()
    }

    /// Expects a problem document with a known slug.
    pub(crate) fn problem(&self) -> Problem {
        assert_eq!(self.header("content-type"), "application/problem+json", "{} {}", self.status, self.text());
        let problem: Problem = serde_json::from_slice(&self.body).unwrap();
        let slug = problem.kind.strip_prefix("/problems/").unwrap();
        assert!(SLUGS.contains(&slug), "unknown problem slug {slug}");
        assert_eq!(problem.status, self.status.as_u16());
        assert!(!problem.title.is_empty() && !problem.detail.is_empty());
        let wait = problem.retry_after.map(|seconds| seconds.to_string()).unwrap_or_default();
        assert_eq!(self.header("retry-after"), wait);
        problem
    }

    /// The slug at the end of the problem's `type`.
    pub(crate) fn slug(&self) -> String {
        self.problem().kind.trim_start_matches("/problems/").to_owned()
    }

    pub(crate) fn page(&self) -> Page {
        assert_eq!(self.status, StatusCode::OK, "{}", self.text());
        self.page_with(StatusCode::OK)
    }

    pub(crate) fn page_with(&self, status: StatusCode) -> Page {
        assert_eq!((self.status, self.header("content-type")), (status, "text/html; charset=utf-8"), "{}", self.text());
        Page::new(self.text())
    }

    /// Expects a redirect and returns its target.
    pub(crate) fn redirect_target(&self) -> &str {
        assert_eq!(self.status, StatusCode::SEE_OTHER, "{}", self.text());
        self.header("location")
    }

    /// Checks the security headers of every response, and the policies of every page and redirect.
    pub(crate) fn check_headers(&self) {
        assert_eq!(self.header("x-content-type-options"), "nosniff");
        if matches!(self.header("content-type"), "" | "text/html; charset=utf-8") {
            let policy = self.header("content-security-policy");
            assert!(policy.contains("default-src 'none'") && policy.contains("script-src 'self'"), "{policy:?}");
            assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"), "{policy:?}");
            assert!(policy.contains("frame-ancestors 'none'"), "{policy:?}");
            assert_eq!(self.header("referrer-policy"), "same-origin");
        }
        for cookie in self.headers.get_all(header::SET_COOKIE) {
            let cookie = cookie.to_str().unwrap();
            assert!(cookie.contains("; HttpOnly; SameSite=Lax; Path=/; "), "{cookie}");
        }
    }
}
