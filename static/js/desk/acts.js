// The buttons of the bar without a new page: the form is sent as ever, and of the page that answers
// only the bar and what else can differ is taken. So the cursor, the undo and words typed meanwhile
// stay. An answer that is another page (a collision, the essay itself) is gone to.

import { renewed } from "./autosave.js";
import { TEXT, read, replace, words } from "./fields.js";
import { lineOf } from "./lines.js";

const WAIT = 2000; // milliseconds for the save under way: its answer names the version to go on from
const PATIENCE = 30000;
const Accept = "text/html, application/json"; // the latter where the answer leads to the essay
// Parts of the page that an answer brings; the rest of it is in use.
const PARTS = ["#bar", ".not-saved", ".messagelist", ".breadcrumbs", "#details summary small"];

export function acting(form, kept, saving) {
  let isPlain = false;
  let isBusy = false;

  form.addEventListener("submit", async (event) => {
    const { submitter } = event;
    if (isPlain || submitter?.matches("[formaction], [data-plain]")) return;
    event.preventDefault();
    if (isBusy) return;
    isBusy = true;
    kept.now();
    await saving.hold(WAIT);
    try {
      await act(submitter);
    } finally {
      isBusy = false;
      saving.release();
    }
  });

  async function act(button, again = true) {
    const fields = read(form);
    const body = new FormData(form, button);
    if (!body.has("act")) body.set("act", "save");
    body.set("line", lineOf(form.elements.body));
    let response;
    try {
      const signal = AbortSignal.timeout(PATIENCE);
      response = await fetch(form.action, { method: "POST", body, headers: { Accept }, signal });
    } catch {
      return saving.failed(navigator.onLine ? "not-saved" : "offline");
    }
    if (response.ok && response.headers.get("Content-Type")?.startsWith("application/json")) {
      kept.forget(fields);
      return location.assign((await response.json()).leads_to);
    }
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const answer = page.getElementById("desk");
    if (response.ok && answer?.dataset.account === form.dataset.account) {
      return take(page, answer, fields, response);
    }
    if (page.getElementById("login-form")) return saving.failed("signed-out");
    if (response.status === 403 && again && (await renewed(form, () => saving.failed("signed-out")))) {
      return act(button, false);
    }
    // Some other page: whether it has the words is not known, so they stay kept here.
    if (response.ok && response.redirected) return location.assign(response.url);
    if (page.getElementById("collision")) return plainly(button);
    saving.failed("not-saved");
  }

  // Sends it as without scripts: nothing was saved, and the page that says why is wanted.
  function plainly(button) {
    isPlain = true;
    form.requestSubmit(button?.isConnected ? button : undefined);
  }

  function take(page, answer, sent, response) {
    const isRefused = Boolean(page.querySelector(".errorlist"));
    for (const part of PARTS) swap(page, part);
    errors(answer);
    for (const name of Object.keys(answer.dataset)) form.dataset[name] = answer.dataset[name];
    form.elements.essay.value = form.dataset.essay;
    if (!isRefused) {
      settle(answer, sent);
      form.action = response.url.split("?")[0];
      history.replaceState(history.state, "", form.action);
    } else if (page.querySelector("#details[open]")) {
      document.getElementById("details").open = true;
    }
    // The pressed button is gone: a question takes the focus, else the text does.
    const asks = document.querySelector("#bar [data-ask] input, #bar [data-ask] ~ .verbs button");
    const first = document.querySelector(".write .errorlist")?.parentElement;
    const wrong = first?.querySelector("input, textarea, select");
    const isLost = document.activeElement === document.body;
    if (isLost || asks || wrong) (wrong ?? asks ?? form.elements.body).focus({ preventScroll: !wrong });
  }

  // The site has what was sent. Where it gives another text back, as after Drop, that goes into the
  // fields, unless something was typed meanwhile.
  function settle(answer, sent) {
    const given = read(answer);
    if (words(read(form)) === words(sent) && words(given) !== words(sent)) {
      for (const name of TEXT) replace(form.elements[name], given[name] ?? "");
    }
    const saved = answer.querySelector("#saved")?.textContent.match(/\d{1,2}[:.]\d\d/)?.[0] ?? "";
    form.elements.sitting.value ||= given.sitting;
    saving.has(given, { ...given, saved });
    kept.forget(sent);
  }

  function swap(page, part) {
    const old = document.querySelector(part);
    const fresh = page.querySelector(part);
    if (old && fresh) old.replaceWith(document.adoptNode(fresh));
    else if (old) old.remove();
    else if (fresh) {
      const before = fresh.previousElementSibling;
      const beside = before?.id && document.getElementById(before.id);
      if (beside) beside.after(document.adoptNode(fresh));
      else document.getElementById("content-start").prepend(document.adoptNode(fresh));
    }
  }

  // What is wrong with a field stands before it.
  function errors(answer) {
    for (const list of form.querySelectorAll(".errorlist")) list.remove();
    for (const list of answer.querySelectorAll(".write .errorlist")) {
      const field = list.parentElement.querySelector("input, textarea, select");
      const mine = field && document.getElementById(field.id);
      if (mine) mine.before(document.adoptNode(list));
    }
  }

  // The bar of what was just saved, unless it asks something or is being used.
  form.addEventListener("saved", ({ detail }) => {
    const bar = document.getElementById("bar");
    const address = document.getElementById("address");
    if (address && detail.address) address.textContent = detail.address;
    if (!detail.bar || bar.querySelector("[data-ask]") || bar.contains(document.activeElement)) return;
    bar.innerHTML = detail.bar;
  });

  // On a phone only the first two verbs are shown, until the others are asked for.
  form.addEventListener("click", ({ target }) => {
    if (!target.matches?.("#bar .more")) return;
    const { parentElement: verbs } = target;
    verbs.classList.remove("many");
    verbs.querySelector(":nth-child(3)").focus();
  });

  // What was typed a moment before is saved first. Then nothing of it is kept in this browser.
  document.getElementById("logout-form")?.addEventListener("submit", async (event) => {
    if (!saving.isDirty()) return;
    event.preventDefault();
    await Promise.race([saving.save(), new Promise((done) => setTimeout(done, WAIT))]);
    event.target.submit();
  });

  // Saves as its button does, without pressing it: for Ctrl-S.
  return () => form.requestSubmit(form.querySelector("button[value=save]"));
}
