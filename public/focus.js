// The focus when its form is removed. A card that changes columns is a new element, and without this the focus would fall
// back to the top of the page.

// Watches a submitted form until it is removed or no longer busy, once per frame: by then all changes of an event are done.
export const restoreFocusAfter = (form) => {
  const order = form.querySelector("[name=order]")?.value;
  const targets = [
    // Another command on the same order,
    [document, `[value='${order}'] ~ button`],
    // on the next order, or in the container of the form.
    [form.closest("li")?.nextElementSibling, "button"],
    [form.parentElement, "button:not(.ask)"],
    [form.closest("section"), "h2"],
    [document, "h1"],
  ];
  // After a touch the page must not scroll to the focus.
  const preventScroll = !form.querySelector(":focus-visible");
  const watch = () => {
    if (!form.isConnected) moveFocus(targets, preventScroll);
    else if (form.hasAttribute("aria-busy")) requestAnimationFrame(watch);
  };
  requestAnimationFrame(watch);
};

// Focuses the first target that accepts the focus.
const moveFocus = (targets, preventScroll) => {
  for (const [container, selector] of targets) {
    // The guest moved the focus, or the target before this one accepted it.
    if (document.activeElement !== document.body) return;
    const target = container?.querySelector(selector);
    target?.focus({ preventScroll });
    // Another part of the page has taken the place of the form: it is read from its top.
    if (target?.matches("h1")) scrollTo(0, 0);
  }
};

// As the focus moves, a held Enter key would press the next button.
export const ignoreKeyRepeat = (event) => {
  if (event.key === "Enter" && event.repeat && event.target.localName === "button") event.preventDefault();
};
