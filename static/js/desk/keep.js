// Keeps what is written in this browser, at every key, until the site has it: a crash, a closed
// tab or an ended session costs no words. What one account wrote is never offered to another.

import { read, words, write } from "./fields.js";
import { clock, hush, say } from "./said.js";

const PREFIX = "desk:";
const ANSWERS = 150; // milliseconds in which another tab says that it is there

export function keeping(form) {
  const account = form.dataset.account;
  const sitting = () => form.elements.sitting.value;
  const essay = () => form.dataset.essay || "new";
  const key = () => `${PREFIX}${account}:${essay()}:${sitting()}`;
  const others = new Set(); // entries of this essay that were left, to go with the next save
  const tabs = "BroadcastChannel" in window ? new BroadcastChannel("desk") : null;
  let last = "";
  let works = true;

  function now() {
    const fields = read(form);
    const entry = JSON.stringify({ fields, at: Date.now() });
    const where = key();
    try {
      localStorage.setItem(where, entry);
      if (last && last !== where) localStorage.removeItem(last);
      last = where;
      works = true;
      hush("not-kept");
    } catch {
      // Full or forbidden. The old entry stays: older words are better than none.
      works = false;
      say("not-kept");
    }
    return works;
  }

  // Forgets the entry once the site has these words, unless there are newer ones.
  function forget(saved) {
    try {
      const entry = last && JSON.parse(localStorage.getItem(last));
      if (entry && words(entry.fields) === words(saved)) localStorage.removeItem(last);
      for (const one of others) localStorage.removeItem(one);
      others.clear();
    } catch {
      // Nothing can be read here, so nothing was kept.
    }
    hush("not-kept", "found");
  }

  function entries() {
    const found = [];
    try {
      for (const name of Object.keys(localStorage)) {
        if (!name.startsWith(`${PREFIX}${account}:${essay()}:`)) continue;
        const entry = JSON.parse(localStorage.getItem(name));
        found.push({ name, sitting: name.slice(name.lastIndexOf(":") + 1), ...entry });
      }
    } catch {
      // As above; or an entry that is none.
    }
    return found.sort((one, other) => other.at - one.at);
  }

  // Whether a tab is open that writes in this sitting.
  function isOpen(one) {
    if (!tabs) return Promise.resolve(false);
    return new Promise((resolve) => {
      const heard = ({ data }) => data.here === one && done(true);
      const done = (is) => {
        tabs.removeEventListener("message", heard);
        resolve(is);
      };
      tabs.addEventListener("message", heard);
      tabs.postMessage({ who: one });
      setTimeout(done, ANSWERS, false);
    });
  }

  tabs?.addEventListener("message", ({ data }) => {
    if (data.who === sitting()) tabs.postMessage({ here: sitting() });
  });

  // Offers what an earlier tab kept and the site does not have.
  async function offer() {
    for (const entry of entries()) {
      if (words(entry.fields) === words(read(form))) {
        if (entry.sitting === sitting()) last = entry.name;
        if (!(await isOpen(entry.sitting))) localStorage.removeItem(entry.name);
        continue;
      }
      if (others.has(entry.name) || entry.name === last) continue;
      if (entry.sitting !== sitting() && (await isOpen(entry.sitting))) continue;
      const at = clock(new Date(entry.at));
      say("found", { at }, { see: () => see(entry), leave: () => leave(entry) });
      return;
    }
  }

  function see(entry) {
    hush("found");
    // With them go the version they were written from, so that another one since is not written
    // over, and their sitting, by which the site knows what it has of them already.
    write(form, entry.fields);
    now();
    form.dispatchEvent(new Event("found"));
    offer();
  }

  function leave(entry) {
    hush("found");
    others.add(entry.name);
    offer();
  }

  return { now, forget, offer, works: () => works };
}
