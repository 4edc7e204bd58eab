// Shows how far an upload came. Without it the form works, and the browser shows what it shows.
"use strict";

function watch() {
  const form = document.querySelector("form[data-intake]");
  if (!form) {
    return;
  }
  const box = form.querySelector("[data-intake-progress]");
  const bar = box.querySelector("progress");
  const told = box.querySelector("[data-intake-told]");
  const stop = box.querySelector("[data-intake-stop]");
  const submit = form.querySelector("button[type=submit]");
  let sending = null;
  let last = -1;

  // A person who hears the page is told every tenth, not every piece.
  function tell(percent) {
    bar.value = percent;
    const tenth = Math.floor(percent / 10) * 10;
    if (tenth !== last) {
      last = tenth;
      told.textContent = percent >= 100 ? told.dataset.sealing : `${tenth} % ${told.dataset.sent}`;
    }
  }

  function rest(text) {
    sending = null;
    submit.disabled = false;
    stop.hidden = true;
    told.textContent = text;
  }

  // The answer is a page: of what is to be signed, or of the form with what is wrong in it.
  function show(status, address, text) {
    sending = null;
    if (status < 400) {
      window.location.assign(address);
      return;
    }
    const page = new DOMParser().parseFromString(text, "text/html");
    const main = page.querySelector("main");
    if (!main) {
      rest(told.dataset.broken);
      return;
    }
    document.querySelector("main").replaceWith(document.adoptNode(main));
    watch();
    const summary = document.querySelector("[data-takes-focus]");
    if (summary) {
      summary.focus();
    }
  }

  function send() {
    box.hidden = false;
    stop.hidden = false;
    last = -1;
    tell(0);
    sending = new XMLHttpRequest();
    const request = sending;
    request.open("POST", window.location.href);
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) {
        tell(Math.floor((100 * event.loaded) / event.total));
      }
    });
    request.addEventListener("load", () => show(request.status, request.responseURL, request.responseText));
    request.addEventListener("error", () => rest(told.dataset.broken));
    request.addEventListener("abort", () => rest(told.dataset.stopped));
    request.send(new FormData(form));
  }

  async function check() {
    const fields = new FormData(form);
    fields.delete("file");
    fields.set("check", "yes");
    const answer = await fetch(window.location.href, { method: "POST", body: fields });
    if (answer.status === 204) {
      send();
    } else {
      show(answer.status, answer.url, await answer.text());
    }
  }

  form.addEventListener("submit", (event) => {
    if (!form.elements.file.files.length) {
      return; // the server says what is missing
    }
    event.preventDefault();
    if (sending || submit.disabled) {
      return;
    }
    submit.disabled = true;
    check().catch(() => rest(told.dataset.broken));
  });
  stop.addEventListener("click", () => {
    if (sending) {
      sending.abort();
    }
  });
  window.addEventListener("beforeunload", (event) => {
    if (sending) {
      event.preventDefault();
    }
  });
}

watch();
