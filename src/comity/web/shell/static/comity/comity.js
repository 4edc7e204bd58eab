// Nothing essential is here: every page works without it.
"use strict";

function takeFocus(root) {
  const summary = root.querySelector("[data-takes-focus]");
  if (summary) {
    summary.focus();
  }
}

document.addEventListener("DOMContentLoaded", () => takeFocus(document));
document.addEventListener("htmx:afterSwap", (event) => takeFocus(event.detail.target));

// An open list of languages closes with Escape or with a click beside it.
document.addEventListener("keydown", (event) => {
  const open = document.querySelector("details.languages[open]");
  if (event.key === "Escape" && open) {
    open.removeAttribute("open");
    open.querySelector("summary").focus();
  }
});
document.addEventListener("click", (event) => {
  const open = document.querySelector("details.languages[open]");
  if (open && !open.contains(event.target)) {
    open.removeAttribute("open");
  }
});

// Pages to print offer a button that only works with scripts, so it is shown by scripts.
for (const button of document.querySelectorAll("[data-prints]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

// A second click while a form is on its way sends nothing. A while later it may: what came back may have been a file.
const AGAIN_MS = 5000;
const sent = new WeakMap();
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") {
    return;
  }
  if (sent.has(form) && event.timeStamp - sent.get(form) < AGAIN_MS) {
    event.preventDefault();
  } else {
    sent.set(form, event.timeStamp);
  }
});
