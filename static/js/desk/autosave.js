// Saves what is written to the site while somebody writes, one request at a time, and says how it
// went. Words the site does not have yet are kept in the browser meanwhile (keep.js).

import { copy } from "./copy.js";
import { read, words } from "./fields.js";
import { clock, hush, isSaid, say, sentence } from "./said.js";

// Milliseconds: after the last key; at most, while somebody types; until an answer is given up.
const PAUSE = 2000;
const MOST = 15000;
const PATIENCE = 30000;
// Between attempts that fail: the last one again and again.
const PAUSES = [2000, 4000, 8000, 15000, 30000];
const SIGNED_OUT = 5000;
const SMALL = 60000; // bytes a browser sends even for a page that is being closed
const TROUBLES = ["signed-out", "first", "offline", "not-saved"];

export function autosaving(form, kept) {
  const foot = document.getElementById("saved");
  const atFoot = (text) => foot && (foot.textContent = text);
  let theirs = words(read(form)); // what the site has
  let since = foot?.textContent.match(/\d{1,2}[:.]\d\d/)?.[0] ?? clock(new Date());
  const atRest = () => atFoot(sentence("saved", { at: since }));
  let running = null;
  let timer = 0;
  let oldest = 0; // when the oldest key was pressed that the site does not know of
  let fails = 0;
  let isHeld = false;
  let collided = false;

  const isDirty = () => words(read(form)) !== theirs;

  function plan(wait) {
    clearTimeout(timer);
    if (!isHeld && !collided) timer = setTimeout(save, wait);
  }

  function typed() {
    if (!isDirty()) return kept.clear();
    kept.now();
    oldest ||= Date.now();
    // While it fails, the next attempt is planned already.
    if (!running && !fails) plan(Math.min(PAUSE, Math.max(0, oldest + MOST - Date.now())));
  }

  function save() {
    clearTimeout(timer);
    if (running || isHeld || collided) return running;
    if (!isDirty()) return settled();
    running = attempt().finally(() => {
      running = null;
      if (!isDirty()) oldest = 0;
      else if (fails) plan(isSaid("signed-out") ? SIGNED_OUT : PAUSES[Math.min(fails, 5) - 1]);
      else plan(PAUSE);
    });
    return running;
  }

  async function attempt(again = 2) {
    const fields = read(form);
    oldest = 0;
    atFoot(sentence("saving"));
    let answer;
    try {
      answer = await send(form.dataset.autosave, form, again < 2);
    } catch {
      return failed(navigator.onLine ? "not-saved" : "offline");
    }
    const { status, given } = answer;
    if (status === 200 && given?.version) return done(fields, given);
    if (status === 409 && given) {
      // A save of this tab whose answer was lost: go on from there.
      if (again && given.version && given.sitting === fields.sitting) {
        form.elements.version.value = given.version;
        return attempt(again - 1);
      }
      return collide(given);
    }
    if (status === 401 || status === 0) return signedOut();
    if (status === 403 && !given && again && (await renewed(form, signedOut))) return attempt(again - 1);
    if (!isSaid("signed-out")) failed("not-saved", given?.error);
  }

  function done(fields, given) {
    const { elements, dataset } = form;
    elements.version.value = given.version;
    elements.base.value = given.base;
    theirs = words(fields);
    since = given.saved;
    if (!dataset.essay && given.essay) {
      dataset.essay = elements.essay.value = given.essay;
      dataset.autosave = given.autosave;
      dataset.known = given.known;
      form.action = given.change;
      history.replaceState(history.state, "", given.change);
      kept.now(); // under its number
    }
    kept.forget(fields);
    settled();
    form.dispatchEvent(new CustomEvent("saved", { detail: given }));
  }

  function settled() {
    fails = 0;
    hush(...TROUBLES);
    if (running) atRest();
  }

  // `why` is what the site says, where it answers.
  function failed(name, why) {
    fails += 1;
    atFoot("");
    hush(...TROUBLES.filter((one) => one !== name));
    say(name, { at: since, kept: kept.works(), ...(why && { why }) }, { save, copy: copyText });
  }

  function signedOut() {
    failed("signed-out");
  }

  function collide(given) {
    collided = true;
    atFoot("");
    hush(...TROUBLES);
    const { by, at, own } = given;
    say("first", { by: by || "", at, own: Boolean(own), other: !own });
  }

  function copyText() {
    const { title, standfirst, body } = read(form);
    copy([title, standfirst, body].filter(Boolean).join("\n\n"), form.elements.body);
  }

  // Has no save begin until `release`, and waits a while for the one that is under way.
  async function hold(most) {
    isHeld = true;
    clearTimeout(timer);
    await Promise.race([running, new Promise((done) => setTimeout(done, most))]);
  }

  function release() {
    isHeld = false;
    if (isDirty()) plan(fails ? PAUSES[0] : PAUSE);
  }

  // What another way of saving (acts.js) brought to the site.
  function has(fields, given) {
    collided = false;
    done(fields, given);
    atRest();
  }

  form.addEventListener("input", typed);
  form.addEventListener("found", () => plan(0));
  for (const name of ["online", "focus"]) addEventListener(name, () => fails && save());
  addEventListener("offline", () => isDirty() && failed("offline"));
  document.addEventListener("visibilitychange", () => save());
  addEventListener("beforeunload", (event) => {
    if (isDirty() && !kept.works()) event.preventDefault();
  });
  return { save, hold, release, has, failed, isDirty };
}

// Sends the form's fields; returns the status and the JSON of the answer. After a save whose answer
// was lost it says so: then no version is written over.
async function send(address, form, lost) {
  const body = new FormData(form);
  if (lost) body.set("lost", 1);
  for (const [name, value] of [...body]) if (typeof value !== "string") body.delete(name);
  const size = form.elements.body.value.length * 3 + form.elements.base.value.length;
  const response = await fetch(address, {
    method: "POST",
    body,
    headers: { Accept: "application/json" },
    redirect: "manual",
    keepalive: size < SMALL && document.visibilityState === "hidden",
    signal: AbortSignal.timeout(PATIENCE),
  });
  const isJson = response.headers.get("Content-Type")?.startsWith("application/json");
  return { status: response.status, given: isJson ? await response.json() : null };
}

// Takes fresh tokens from the form's own page. If that is not to be had by this account any more,
// it calls `signedOut`.
export async function renewed(form, signedOut) {
  let page;
  try {
    const response = await fetch(location.href, { signal: AbortSignal.timeout(PATIENCE) });
    if (response.status >= 500) return false;
    page = new DOMParser().parseFromString(await response.text(), "text/html");
  } catch {
    return false;
  }
  const fresh = page.getElementById(form.id);
  if (!fresh || fresh.dataset.account !== form.dataset.account) {
    signedOut();
    return false;
  }
  const token = fresh.elements.csrfmiddlewaretoken.value;
  for (const field of document.getElementsByName("csrfmiddlewaretoken")) field.value = token;
  return true;
}
