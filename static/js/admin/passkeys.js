// Forms with data-passkey ask the browser for a passkey and are sent with its answer. Those that
// cannot do without are hidden until this runs, so pages without scripts show other ways.

const bytes = (text) =>
  Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));

const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, "-")
    .replace(/\//g, "_")
    .replace(/=+$/, "");

const described = (list) => (list ?? []).map((each) => ({ ...each, id: bytes(each.id) }));

// Older browsers lack parseRequestOptionsFromJSON and toJSON, so both are spelt out.
async function ask(options) {
  options.challenge = bytes(options.challenge);
  if (!options.user) {
    options.allowCredentials = described(options.allowCredentials);
    return navigator.credentials.get({ publicKey: options });
  }
  options.user.id = bytes(options.user.id);
  options.excludeCredentials = described(options.excludeCredentials);
  return navigator.credentials.create({ publicKey: options });
}

function asJSON(credential) {
  const given = credential.response;
  const response = { clientDataJSON: text(given.clientDataJSON) };
  if (given.attestationObject) {
    response.attestationObject = text(given.attestationObject);
    response.transports = given.getTransports?.() ?? [];
  } else {
    response.authenticatorData = text(given.authenticatorData);
    response.signature = text(given.signature);
    if (given.userHandle) response.userHandle = text(given.userHandle);
  }
  return JSON.stringify({ id: credential.id, rawId: text(credential.rawId), type: credential.type, response });
}

class Refused extends Error {}

// Returns the browser's answer to what the site asks at an address.
async function answer(address, fields) {
  const response = await fetch(address, { method: "POST", body: fields, headers: { Accept: "application/json" } });
  const options = await response.json();
  if (!response.ok) throw new Refused(options.error);
  return asJSON(await ask(options));
}

const words = Object.fromEntries(
  [...document.querySelectorAll("#passkey-words [data-for]")].map((each) => [each.dataset.for, each.textContent]),
);

function said(error) {
  if (error instanceof Refused && error.message) return error.message;
  if (error.name === "InvalidStateError") return words.known;
  if (error.name === "NotAllowedError" || error.name === "AbortError") return words.none;
  return words.failed;
}

function fieldsOf(form, more) {
  const fields = new FormData(form);
  for (const [name, value] of Object.entries(more)) fields.set(name, value);
  return fields;
}

async function send(form, button) {
  const trouble = form.querySelector("[data-trouble]");
  const buttons = [...form.querySelectorAll("button")];
  trouble.hidden = true;
  for (const each of buttons) each.disabled = true;
  try {
    const confirmed = button?.dataset.confirm;
    const more = confirmed ? { passkey_token: await answer(confirmed, fieldsOf(form, {})) } : {};
    form.elements.passkey_token.value = await answer(form.dataset.passkey, fieldsOf(form, more));
    if (form.elements.password) form.elements.password.disabled = true; // it was asked for already
    form.submit();
  } catch (error) {
    trouble.textContent = said(error);
    trouble.hidden = false;
    for (const each of buttons) each.disabled = false;
  }
}

for (const each of document.querySelectorAll("[data-without-scripts]")) each.hidden = true;

for (const form of document.querySelectorAll("form[data-passkey]")) {
  const trouble = form.querySelector("[data-trouble]");
  form.hidden = false;
  const why =
    (location.origin !== form.dataset.origin && words.elsewhere) ||
    (!window.PublicKeyCredential && words.unknown);
  if (why) {
    trouble.textContent = why;
    trouble.hidden = false;
    for (const each of form.querySelectorAll("button")) each.hidden = true;
  }
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!why) send(form, event.submitter);
  });
}
