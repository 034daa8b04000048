// Keeps what is written in this browser, at every key, until the site has it: a crash, a closed
// tab or an ended session costs no words. What one account wrote is never offered to another.

import * as disk from "./disk.js";
import { read, words, write } from "./fields.js";
import { clock, hush, say } from "./said.js";

const GONE = "desk-gone:";
const ANSWERS = 150; // milliseconds in which another tab says that it is there

export function keeping(form) {
  const sitting = () => form.elements.sitting.value;
  const prefix = () => `desk:${form.dataset.account}:${form.dataset.essay || "new"}:`;
  const aside = new Set(); // entries of this essay that were left, to go with the next save
  const tabs = "BroadcastChannel" in window ? new BroadcastChannel("desk") : null;
  const began = words(read(form));
  let last = ""; // the name of this tab's entry
  let at = 0;
  // Never earlier than before, as where the device's clock is set back.
  const tick = () => (at = Math.max(Date.now(), at + 1));
  let works = true;

  function now() {
    const entry = JSON.stringify({ fields: read(form), at: tick() });
    const name = prefix() + sitting();
    if (last && last !== name) drop(last);
    last = name;
    const isOnDisk = disk.put(name, entry);
    try {
      localStorage.setItem(name, entry);
      localStorage.removeItem(GONE + name);
      worked(true);
    } catch {
      // Full or forbidden. An older entry stays: older words are better than none.
      isOnDisk.then(worked);
    }
  }

  function worked(well) {
    works = well;
    (well ? hush : say)("not-kept");
  }

  // A tab that is closed now may not reach the disk any more: a mark says that the entry is void.
  function drop(name) {
    const mark = GONE + name;
    try {
      localStorage.removeItem(name);
      localStorage.setItem(mark, tick());
      disk.remove(name).then((done) => done && name !== last && localStorage.removeItem(mark));
    } catch {
      disk.remove(name); // no storage, so no entry and no mark
    }
  }

  function clear() {
    if (last) drop(last);
    last = "";
    hush("not-kept");
  }

  // Forgets the entry once the site has its words, and what was left aside until then.
  function forget(saved) {
    if (words(read(form)) === words(saved)) clear();
    aside.forEach(drop);
    aside.clear();
  }

  function gone(name) {
    try {
      return Number(localStorage.getItem(GONE + name));
    } catch {
      return 0;
    }
  }

  // Returns what is kept of this essay, the newest first, from whichever copy is newer.
  async function entries() {
    const found = new Map();
    const add = ([name, kept]) => {
      if (!name.startsWith(prefix()) || !kept) return;
      const entry = { name, sitting: name.slice(prefix().length), ...JSON.parse(kept) };
      const isGone = entry.at <= gone(name);
      if (isGone) drop(name);
      else if (!(found.get(name)?.at >= entry.at)) found.set(name, entry);
    };
    (await disk.all(prefix())).forEach(add);
    try {
      Object.entries(localStorage).forEach(add);
    } catch {
      // Forbidden.
    }
    return [...found.values()].sort((one, other) => other.at - one.at);
  }

  // Whether a tab is open that writes in this sitting.
  async function isOpen(one) {
    if (!tabs) return false;
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

  // Whether a version has these words, and the newest: as when the answer to a save was lost, or
  // they were put together with somebody else's.
  async function search({ fields }) {
    const body = new FormData();
    const { csrfmiddlewaretoken: token } = form.elements;
    for (const field of Object.entries({ ...fields, csrfmiddlewaretoken: token.value })) body.set(...field);
    try {
      const answer = await fetch(form.dataset.known, { method: "POST", body, redirect: "manual" });
      return answer.ok ? await answer.json() : {};
    } catch {
      return {};
    }
  }

  tabs?.addEventListener("message", ({ data }) => {
    if (data.who === sitting()) tabs.postMessage({ here: data.who });
    if (data.took) hush("found"), offer();
  });

  // Offers what an earlier tab kept and the site does not have.
  async function offer() {
    for (const entry of await entries()) {
      if (aside.has(entry.name) || entry.name === last) continue;
      if (entry.sitting !== sitting() && (await isOpen(entry.sitting))) continue;
      const isHere = words(entry.fields) === words(read(form));
      const { known, newest } = isHere ? {} : await search(entry);
      if (isHere || known) {
        drop(entry.name);
        // The tab that was closed saved them after this page was made.
        if (newest && words(read(form)) === began) return location.reload();
        continue;
      }
      const at = clock(new Date(entry.at));
      say("found", { at }, { see: () => see(entry), leave: () => leave(entry) });
      return;
    }
  }

  function see(entry) {
    hush("found");
    tabs?.postMessage({ took: 1 }); // no other tab offers them any more
    // With them go the version they were written from, so that another one since is not written
    // over, and their sitting, by which the site knows what it has of them already.
    write(form, entry.fields);
    now();
    form.dispatchEvent(new Event("found"));
    offer();
  }

  function leave(entry) {
    hush("found");
    aside.add(entry.name);
    offer();
  }

  return { now, clear, forget, offer, works: () => works };
}
