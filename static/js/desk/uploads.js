// Sends a file to the site in parts, each a request of its own, and small ones where the line is
// slow. After a failure it goes on from what is there.

import { renewed } from "./autosave.js";

const UNIT = 16384; // bytes; parts are a multiple of it
const MOST = 122; // of them in a part
const LONG = 5000; // milliseconds after which a part was too large
const LAST = 60000; // with the last one, the site makes a picture of them all

// Returns what the site answers in the end: the line for the text, the key of the whole file, or an
// error; nothing once stopped.
// `sent` is called with the bytes that are there, `failed` with a function that tries at once.
export async function send(form, file, stopped, { sent, failed }) {
  let [address, at, units, fails, isUnsure] = ["", 0, 16, 0, false];
  const headers = () => ({ "X-CSRFToken": form.elements.csrfmiddlewaretoken.value });

  async function ask(method, query = "", body = null) {
    const patience = AbortSignal.timeout(at + units * UNIT < file.size ? LONG : LAST);
    const signal = AbortSignal.any([stopped, patience]);
    const how = { method, body, headers: headers(), redirect: "manual", signal };
    try {
      const answer = await fetch((address || form.dataset.upload) + query, how);
      if (answer.status === 403) await renewed(form, () => {});
      if (answer.status === 404) address = "";
      return await answer.json();
    } catch {
      return {};
    }
  }

  while (!stopped.aborted) {
    const began = Date.now();
    const about = address ? { at } : { name: file.name.slice(-100), bytes: file.size };
    const part = file.slice(at, at + units * UNIT);
    const given = await (isUnsure ? ask("GET") : ask("POST", `?${new URLSearchParams(about)}`, part));
    if (given.markdown || given.whole || given.error) return given;
    if (given.there) {
      [address, at] = [given.upload, given.next];
      if (!isUnsure) {
        const took = Date.now() - began;
        units = took > LONG / 2 ? Math.max(1, units >> 1) : took < LONG / 5 ? Math.min(MOST, units * 2) : units;
        fails = 0;
        sent(at);
      }
      isUnsure = false;
      continue;
    }
    fails += 1;
    units = Math.max(1, units >> 2);
    isUnsure = Boolean(address);
    if (!address) at = 0;
    await new Promise((wake) => {
      stopped.onabort = window.ononline = wake;
      if (fails > 1) failed(wake);
      setTimeout(wake, Math.min(15000, 500 << fails));
    });
  }
  if (address) fetch(address, { method: "DELETE", headers: headers() }).catch(() => {});
}
