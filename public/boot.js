// The page loader: starts the view that the page names. A file and not an inline script, because the content
// security policy allows none.
const { view, js, wasm } = document.documentElement.dataset;
const guard = `boot ${js}`;

// Storage throws where cookies are refused; the page must start all the same.
const once = (act) => {
  try {
    return act(sessionStorage);
  } catch {
    return null;
  }
};

try {
  // The two downloads side by side: the WASM does not wait for the script that will compile it.
  const bytes = fetch(wasm);
  bytes.catch(() => {}); // It is awaited below; if the script fails first, one report is enough.
  const module = await import(js);
  await module.default({ module_or_path: bytes });
  module[view]();
  once((kept) => kept.removeItem(guard));
} catch (error) {
  console.error(error);
  // A page that was open while a new version arrived names files that are gone: loading it again names the new ones.
  // Once only, and not where that cannot be remembered; after that the page stays as the server made it, and its
  // forms work without this script.
  const first = once((kept) => {
    if (kept.getItem(guard)) return false;
    kept.setItem(guard, "reloaded");
    return true;
  });
  if (first) location.reload();
}
