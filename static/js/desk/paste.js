// What is pasted into the text: an address over words links them, a spreadsheet becomes a table,
// and other HTML the Markdown that the site makes of it.

import { insert } from "./fields.js";
import { isAddress, linked } from "./marks.js";
import { tableOfHtml, tableOfLines } from "./tables.js";

const PATIENCE = 2000; // milliseconds, then it is plain text
// HTML that only says how plain text looked where it was copied: nothing would come of it.
const FORMED = /<(a|b|strong|em|i|h[1-6]|ul|ol|li|blockquote|pre|code|table|img|sup|s|del|p)[\s>]/i;

export function pasting(form, pictures) {
  const field = form.elements.body;
  let isPlain = false;

  field.addEventListener("keydown", (event) => {
    // Ctrl-Shift-V pastes as it is. 86 is the key V, also where it writes another alphabet.
    if (event.keyCode === 86) isPlain = event.shiftKey;
  });

  field.addEventListener("paste", (event) => {
    const given = event.clipboardData;
    const plainly = isPlain;
    isPlain = false;
    if (!given || plainly) return;
    const [text, html] = [given.getData("text/plain"), given.getData("text/html")];
    const files = [...given.files];
    // A spreadsheet puts a picture of its cells beside them.
    if (files.length && !html && !text) {
      event.preventDefault();
      pictures(files);
      return;
    }
    const made = over(text) || (html && tableOfHtml(html)) || tableOfLines(text);
    if (made) {
      event.preventDefault();
      insert(field, made);
    } else if (html && FORMED.test(html) && form.dataset.paste) {
      event.preventDefault();
      ask(html, text);
    }
  });

  // The chosen words, linked to the address on the clipboard.
  function over(text) {
    const { selectionStart, selectionEnd, value } = field;
    const chosen = value.slice(selectionStart, selectionEnd);
    const isWords = chosen.trim() && !chosen.includes("\n") && !isAddress(chosen);
    const isTarget = /\]\($/.test(value.slice(0, selectionStart));
    return isWords && !isTarget && isAddress(text) ? linked(chosen, text) : "";
  }

  // Nothing is written before the answer, so that it is one step for undo.
  async function ask(html, text) {
    const [from, to, before] = [field.selectionStart, field.selectionEnd, field.value];
    let made = text;
    try {
      const body = new FormData();
      body.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
      body.set("html", html);
      const signal = AbortSignal.timeout(PATIENCE);
      const answer = await fetch(form.dataset.paste, { method: "POST", body, signal, redirect: "manual" });
      if (answer.ok) made = (await answer.json()).markdown || text;
    } catch {
      // Plain text, then.
    }
    const { value, selectionStart, selectionEnd } = field;
    if (!value.startsWith(before.slice(0, to))) return insert(field, made);
    insert(field, made, from, to);
    // Somebody who typed on behind it keeps the cursor there.
    const by = made.length - (to - from);
    if (value !== before) field.setSelectionRange(selectionStart + by, selectionEnd + by);
  }
}
