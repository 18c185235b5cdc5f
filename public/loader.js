// The page loader: starts the view that the page names.
const { view, js, wasm } = document.documentElement.dataset;
const guard = `boot ${js}`;
const RELOAD_MS = 10000;

// Translators, extensions and proxies may change the page before the WASM is there. Hydration needs it as it was sent.
const page = document.getElementById("page");
const sent = page.cloneNode(true);

// Storage throws if the browser blocks cookies; the page must start nevertheless.
const once = (act) => {
  try {
    return act(sessionStorage);
  } catch {
    return null;
  }
};

// A guest may have opened a drink, chosen options and typed a name meanwhile.
const restore = () => {
  const both = (selector, copy) => {
    const now = page.querySelectorAll(selector);
    sent.querySelectorAll(selector).forEach((element, n) => now[n] && copy(element, now[n]));
  };
  both("details", (element, { open }) => (element.open = open));
  if (page.isEqualNode(sent)) return;
  both("input", (element, { checked, value }) => Object.assign(element, element.type === "text" ? { value } : { checked }));
  page.replaceWith(sent);
};

// Says that the page is not live, and loads it again unless somebody types.
const giveUp = () => {
  const { fallback } = document.documentElement.dataset;
  const found = document.querySelector(".connection");
  if (!found) return;
  // A copy, because the parts that did start would go on to write "live" into the original.
  const connection = found.cloneNode(true);
  found.replaceWith(connection);
  connection.dataset.state = "lost";
  connection.lastElementChild.textContent = fallback;
  setInterval(() => document.activeElement?.localName === "input" || location.reload(), RELOAD_MS);
};

addEventListener("error", ({ error }) => error instanceof WebAssembly.RuntimeError && giveUp());

// Starts the view. `onStart` runs once it is there: until then, the browser itself sends the forms of the page.
export const load = async (onStart = () => {}) => {
  try {
    // Downloads both files in parallel, so that the WASM does not wait for the script that compiles it.
    const bytes = fetch(wasm);
    bytes.catch(() => {}); // It is awaited below. If the script fails first, one error report is enough.
    const module = await import(js);
    await module.default({ module_or_path: bytes });
    restore();
    module[view]();
    onStart();
    once((kept) => kept.removeItem(guard));
  } catch (error) {
    console.error(error);
    // A page opened before an upgrade names files that no longer exist; a reload names the new ones.
    // The page reloads once, and only if storage works. After that it stays as rendered by the server, and its forms
    // work without this script.
    const first = once((kept) => {
      if (kept.getItem(guard)) return false;
      kept.setItem(guard, "reloaded");
      return true;
    });
    if (first) location.reload();
    else giveUp();
  }
};
