// Says who else has this essay open: another person, or another tab of one's own.

import { hush, say } from "./said.js";

const EVERY = 30000;
const FIRST = 1000; // until then the page before, as of a reload, has said that it left

export function presence(form) {
  let isOver = false;
  let wrote = false;

  function report(what) {
    const body = new FormData();
    for (const name of ["csrfmiddlewaretoken", "sitting"]) body.set(name, form.elements[name].value);
    if (what) body.set(what, "1");
    return body;
  }

  async function here() {
    if (isOver || !form.dataset.presence || document.visibilityState === "hidden") return;
    const body = report(wrote && "wrote");
    wrote = false;
    try {
      const answer = await fetch(form.dataset.presence, { method: "POST", body, redirect: "manual" });
      if (answer.ok) show((await answer.json()).others);
    } catch {
      // Saving says what is wrong.
    }
  }

  function show(others) {
    if (!others.length) return hush("open");
    // The sentence comes whole from the site, which knows the words for times.
    say("open", others[0].said, { on: goOn });
  }

  function goOn() {
    isOver = true;
    hush("open");
  }

  form.addEventListener("input", () => (wrote = true));
  form.addEventListener("saved", ({ detail }) => {
    if (detail.presence) form.dataset.presence = detail.presence;
  });
  document.addEventListener("visibilitychange", here);
  addEventListener("pagehide", () => {
    if (form.dataset.presence) navigator.sendBeacon(form.dataset.presence, report("left"));
  });
  addEventListener("pageshow", ({ persisted }) => persisted && here());
  setInterval(here, EVERY);
  setTimeout(here, FIRST);
}
