// Passkeys, for every page that needs one. What the page says stands in attributes; there is no script within a page.
//
// A form that wants signatures:
//   <form method="post" data-passkey="sign" data-rp-id="cv.localhost" data-credentials="id id">
//     <input type="hidden" name="..." data-challenge="base64url">    one for each text, signed in this order
//     the include shell/passkey.html                                where messages appear
//   data-rp-id and data-credentials may stand on an input instead. Without credentials the device offers those it has.
//   Each input gets the assertion as JSON: {id, rawId, type, clientExtensionResults: {}, response: {authenticatorData,
//   clientDataJSON, signature}}, all base64url. Then the form is sent.
//
// A form that wants a new passkey:
//   <form method="post" data-passkey="make" data-rp-id data-rp-name data-user-id (base64url) data-user-name data-user-label>
//     <input type="hidden" name="..." data-challenge="base64url">
//   The input gets {id, rawId, type, clientExtensionResults: {}, response: {attestationObject, clientDataJSON}}.
//
// A button with `data-plain` sends the form without a passkey. Whatever fails leaves the page as it was, with a message.
"use strict";

(() => {
  const ES256 = -7;
  const PERSON_SECONDS = 120;

  const bytes = (text) =>
    Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (one) => one.charCodeAt(0));
  const base64url = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer)))
      .replaceAll("+", "-")
      .replaceAll("/", "_")
      .replaceAll("=", "");

  const setting = (form, input, name) => input.dataset[name] ?? form.dataset[name] ?? "";

  function record(credential, parts) {
    const response = {};
    for (const part of parts) {
      response[part] = base64url(credential.response[part]);
    }
    return JSON.stringify({
      id: credential.id,
      rawId: base64url(credential.rawId),
      type: credential.type,
      clientExtensionResults: {},
      response,
    });
  }

  async function signed(form, input) {
    const known = setting(form, input, "credentials").split(" ").filter(Boolean);
    const credential = await navigator.credentials.get({
      publicKey: {
        challenge: bytes(input.dataset.challenge),
        rpId: setting(form, input, "rpId"),
        allowCredentials: known.map((id) => ({ type: "public-key", id: bytes(id) })),
        userVerification: "required",
        timeout: PERSON_SECONDS * 1000,
      },
    });
    return record(credential, ["authenticatorData", "clientDataJSON", "signature"]);
  }

  async function made(form, input) {
    const credential = await navigator.credentials.create({
      publicKey: {
        challenge: bytes(input.dataset.challenge),
        rp: { id: setting(form, input, "rpId"), name: form.dataset.rpName },
        user: { id: bytes(form.dataset.userId), name: form.dataset.userName, displayName: form.dataset.userLabel },
        pubKeyCredParams: [{ type: "public-key", alg: ES256 }],
        authenticatorSelection: { residentKey: "required", requireResidentKey: true, userVerification: "required" },
        attestation: "none",
        timeout: PERSON_SECONDS * 1000,
      },
    });
    return record(credential, ["attestationObject", "clientDataJSON"]);
  }

  // Which message belongs to what the browser says. A browser does not tell "cancelled" from "no passkey here".
  const REASONS = {
    NotAllowedError: "refused",
    AbortError: "refused",
    InvalidStateError: "taken",
    NotSupportedError: "unsupported",
    ConstraintError: "unsupported",
    SecurityError: "elsewhere",
  };

  function say(form, what) {
    const place = form.querySelector("[data-passkey-status]");
    if (!place) {
      return;
    }
    const text = place.querySelector(`[data-says="${what}"]`);
    for (const one of place.querySelectorAll("[data-says]")) {
      one.hidden = one !== text;
    }
    place.classList.toggle("note-bad", what !== "waiting");
    place.classList.toggle("note-info", what === "waiting");
    place.hidden = !text;
  }

  async function ask(form, submitter) {
    const buttons = form.querySelectorAll("button");
    const inputs = form.querySelectorAll("input[data-challenge]");
    for (const button of buttons) {
      button.disabled = true;
    }
    say(form, "waiting");
    try {
      for (const input of inputs) {
        input.value = form.dataset.passkey === "make" ? await made(form, input) : await signed(form, input);
      }
    } catch (problem) {
      for (const input of inputs) {
        input.value = "";
      }
      say(form, REASONS[problem.name] ?? "failed");
      return;
    } finally {
      for (const button of buttons) {
        button.disabled = false;
      }
    }
    form.dataset.passkeyDone = "yes";
    form.requestSubmit(submitter);
  }

  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.addEventListener("submit", (event) => {
      const plain = event.submitter && "plain" in event.submitter.dataset;
      if (plain || form.dataset.passkeyDone) {
        return;
      }
      event.preventDefault();
      if (!window.isSecureContext || !window.PublicKeyCredential) {
        say(form, "unsupported");
        return;
      }
      ask(form, event.submitter);
    });
  }
})();
