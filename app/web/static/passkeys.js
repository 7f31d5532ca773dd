// Passkeys: asks the server what to sign, the device to sign it, and sends the answer with the form.
// A form says what it wants: data-passkey="get" or "create", data-passkey-ask="address of the options".
"use strict";

(() => {
  const bytes = (text) => {
    const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
  };
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer)))
      .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const keys = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));

  const ask = async (address) => {
    const answer = await fetch(address, { credentials: "same-origin", headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error("no options");
    return answer.json();
  };

  const create = async (options) => {
    const made = await navigator.credentials.create({ publicKey: {
      ...options,
      challenge: bytes(options.challenge),
      user: { ...options.user, id: bytes(options.user.id) },
      excludeCredentials: keys(options.excludeCredentials),
    } });
    return { id: made.id, rawId: text(made.rawId), type: made.type, response: {
      clientDataJSON: text(made.response.clientDataJSON),
      attestationObject: text(made.response.attestationObject),
      transports: made.response.getTransports ? made.response.getTransports() : [],
    } };
  };

  const get = async (options) => {
    const shown = await navigator.credentials.get({ publicKey: {
      ...options, challenge: bytes(options.challenge), allowCredentials: keys(options.allowCredentials),
    } });
    return { id: shown.id, rawId: text(shown.rawId), type: shown.type, response: {
      clientDataJSON: text(shown.response.clientDataJSON),
      authenticatorData: text(shown.response.authenticatorData),
      signature: text(shown.response.signature),
      userHandle: shown.response.userHandle ? text(shown.response.userHandle) : null,
    } };
  };

  const ready = Boolean(window.PublicKeyCredential && navigator.credentials);
  for (const button of document.querySelectorAll("[data-passkey]")) {
    button.hidden = !ready;
    button.addEventListener("click", async () => {
      const form = button.form;
      const said = form.querySelector("[data-passkey-said]");
      const name = form.querySelector("[name=name]");
      if (button.dataset.passkey === "create" && name && !name.reportValidity()) return;
      button.disabled = true;
      if (said) said.textContent = "";
      try {
        const options = await ask(button.dataset.passkeyAsk);
        const answer = button.dataset.passkey === "create" ? await create(options) : await get(options);
        form.querySelector("[name=passkey]").value = JSON.stringify(answer);
        form.noValidate = true;
        form.submit();
      } catch (problem) {
        button.disabled = false;
        const known = problem && problem.name === "InvalidStateError";
        if (said) said.textContent = known
          ? "This device has a passkey for you already."
          : "The passkey did not work, or you stopped it. Nothing was changed.";
      }
    });
  }
})();
