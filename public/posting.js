// Posts the forms of a live page with fetch, and shows a refusal where it belongs. The stream brings what a command has
// changed, and may remove a form before its answer arrives: writing to a detached form has no effect.
import { ignoreKeyRepeat, restoreFocusAfter } from "./focus.js";

// Time after which a button is enabled again if the stream did not replace its form.
const BUSY_TIMEOUT_MS = 5000;

// Time after which a request without an answer is given up. It may be repeated: the server has its idempotency key, or it
// sets a state.
const REQUEST_TIMEOUT_MS = 10000;

// Time after a refusal within which the stream may remove the form that shows it.
const REMOVAL_MS = 1000;

// One listener for all present and future forms of the page.
export const postForms = () => {
  const onEvent = (event) => {
    const form = event.target.closest?.("form");
    if (event.type === "keydown") return ignoreKeyRepeat(event);
    if (!form) return;
    // The next attempt may succeed: the previous refusal goes.
    form.querySelectorAll(".notice").forEach((notice) => notice.remove());
    if (event.type !== "submit") return;
    event.preventDefault();
    document.querySelector("body > .notice")?.remove();
    send(form);
  };
  for (const name of ["submit", "input", "keydown"]) document.addEventListener(name, onEvent);
};

const send = async (form) => {
  // A second tap while the request is in flight.
  if (form.hasAttribute("aria-busy")) return;
  setBusy(form, true);
  restoreFocusAfter(form);
  const subject = form.closest("article")?.getAttribute("aria-label");
  const refusal = await post(form);
  if (!refusal) return setTimeout(setBusy, BUSY_TIMEOUT_MS, form, false);
  setBusy(form, false);
  show(refusal, form, subject);
};

export const setBusy = (form, isBusy) => {
  // `disabled` would drop the focus.
  const parts = [[form, "aria-busy"], [form.querySelector("button"), "aria-disabled"]];
  for (const [part, name] of parts) isBusy ? part?.setAttribute(name, "true") : part?.removeAttribute(name);
};

// Posts the fields of a form; gives up after a while.
export const request = (form, accept) =>
  fetch(form.getAttribute("action"), {
    method: "POST",
    headers: { accept },
    // `FormData` itself would be sent as multipart.
    body: new URLSearchParams(new FormData(form)),
    redirect: "manual",
    signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
  });

// The words of the refusal; nothing after a success.
const post = async (form) => {
  try {
    const answer = await request(form, "application/json");
    const text = await answer.text();
    if (answer.ok) return "";
    // A proxy may answer with a body that is no problem document.
    const { title, detail } = JSON.parse(text);
    if (title && detail) return `${title}. ${detail}`;
  } catch {}
  return document.documentElement.dataset.unreachable;
};

// Shows a refusal in the form, or on the page if the form is gone or goes soon: whoever loses a race for an order loses its
// form, too. `subject` then tells what the refusal is about.
export const show = (text, form, subject) => {
  const notice = document.createElement("p");
  notice.className = "notice";
  notice.role = "alert";
  form.append(notice);
  notice.textContent = text;
  if (form.isConnected) notice.scrollIntoView({ block: "nearest" });
  setTimeout(() => {
    if (form.isConnected) return;
    notice.textContent = subject ? `${subject}: ${text}` : text;
    document.body.append(notice);
  }, REMOVAL_MS);
};
