// The page loader: starts the view that the page names. It is a file because the content security policy allows no
// inline script.
const { view, js, wasm } = document.documentElement.dataset;
const guard = `boot ${js}`;

// Storage throws if the browser blocks cookies; the page must start nevertheless.
const once = (act) => {
  try {
    return act(sessionStorage);
  } catch {
    return null;
  }
};

try {
  // Downloads both files in parallel, so that the WASM does not wait for the script that compiles it.
  const bytes = fetch(wasm);
  bytes.catch(() => {}); // It is awaited below. If the script fails first, one error report is enough.
  const module = await import(js);
  await module.default({ module_or_path: bytes });
  module[view]();
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
}
