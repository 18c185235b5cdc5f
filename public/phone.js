// What a guest's phone does without the WASM: it starts the order of a scan, keeps a tapped drink in place, counts down on
// refusals and asks again when their reason may have passed.
import { request, setBusy, show } from "./posting.js";

const page = document.documentElement;

// Delay before a scan without an answer is sent again. The server knows it by its order.
const RETRY_MS = 3000;

// Starts the order of a scanned code once the page is visible: a prefetched page or a background tab must not use up a
// token. A refusal is a page of its own and takes the place of this one.
const startOrder = async () => {
  const form = document.querySelector(".scan-page form");
  if (!form || form.hasAttribute("aria-busy") || document.visibilityState !== "visible") return;
  setBusy(form, true);
  try {
    const answer = await request(form, "text/html");
    if (answer.type === "opaqueredirect") return location.replace(`/s/${form.elements.shop.value}`);
    showPage(await answer.text());
  } catch {
    setBusy(form, false);
    form.querySelector(".notice") ?? show(page.dataset.unreachable, form);
    setTimeout(startOrder, RETRY_MS);
  }
};

const showPage = (html) => {
  const next = new DOMParser().parseFromString(html, "text/html");
  Object.assign(page.dataset, next.documentElement.dataset);
  document.title = next.title;
  document.body.replaceWith(next.body);
  document.querySelector("h1")?.focus();
};

// Opening a drink closes another one, which moves everything below it: the tapped one stays under the finger. If too
// little of its form is in sight then, the page shows more of it.
const keepInPlace = ({ target }) => {
  const card = target.closest?.("summary")?.parentElement;
  if (!card?.matches(".drink-card")) return;
  const { top } = card.getBoundingClientRect();
  // The browser's own correction keeps another row in place.
  page.style.overflowAnchor = "none";
  requestAnimationFrame(() => {
    const now = card.getBoundingClientRect();
    const hidden = card.open ? now.height + top - innerHeight : 0;
    scrollBy(0, now.top - top + Math.min(Math.max(hidden, 0), Math.max(top - innerHeight / 3, 0)));
    requestAnimationFrame(() => page.style.removeProperty("overflow-anchor"));
  });
};

// A drink is ready, or called again: the title says so, the phone shakes, and the page shows its top unless the guest
// chooses another drink. Browsers allow the shaking after a first tap only.
const { title } = document;
let told;
const tellReady = () => {
  const numbers = [...document.querySelectorAll(".ordered[data-step=ready] strong")].map((number) => number.textContent);
  const text = numbers.length ? `● ${numbers.join(", ")} ${page.dataset.ready}` : title;
  const heading = numbers.length ? document.querySelector("h1").textContent : "";
  if (document.title !== text) document.title = text;
  if (told !== undefined && heading && heading !== told) {
    if (navigator.userActivation?.hasBeenActive) navigator.vibrate?.([300, 150, 300]);
    if (!document.querySelector(".drink-card[open]")) scrollTo(0, 0);
  }
  told = heading;
};

// Counts the seconds of `<time data-seconds>` down.
const countDown = () => {
  for (const time of document.querySelectorAll("time[data-seconds]")) {
    time.ends ??= performance.now() + time.dataset.seconds * 1000;
    const left = Math.max(0, Math.round((time.ends - performance.now()) / 1000));
    time.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
    if (left > 0) continue;
    if (time.dataset.then) location.replace(time.dataset.then);
    else if (time.dataset.done) time.parentElement.textContent = time.dataset.done;
  }
};

addEventListener("click", keepInPlace);
document.addEventListener("visibilitychange", startOrder);
addEventListener("submit", (event) => {
  if (!event.target.matches(".scan-page form")) return;
  event.preventDefault();
  startOrder();
});
startOrder();
if (page.dataset.ready) {
  tellReady();
  new MutationObserver(tellReady).observe(document.body, { childList: true, subtree: true, attributes: true, attributeFilter: ["data-step"] });
}
countDown();
setInterval(countDown, 1000);
