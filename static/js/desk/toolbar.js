// The seven words over the text, the usual keys, and what Enter does in title, list and quote.

import { insert } from "./fields.js";
import { enter, marks, note } from "./marks.js";

const KEYS = { I: "emphasis", B: "strong", K: "link", E: "code" };

export function toolbar(form, { picture, links, save }) {
  const field = form.elements.body;
  const bar = document.getElementById("toolbar");

  function apply(change) {
    insert(field, change.text, change.from, change.to);
    field.setSelectionRange(change.start, change.end);
  }

  function press(name) {
    if (name === "picture") return picture();
    const place = [field.value, field.selectionStart, field.selectionEnd];
    if (name === "note") note(...place).forEach(apply);
    else apply(marks[name](...place));
    if (name === "link") links.look();
    if (name === "note") {
      field.blur(); // a browser scrolls to the cursor when a field gets the focus
      field.focus();
    }
  }

  bar.hidden = false;
  const buttons = [...bar.querySelectorAll("[data-mark]")];
  bar.addEventListener("click", (event) => {
    const button = event.target.closest("[data-mark]");
    if (button) press(button.dataset.mark);
  });
  // The text keeps the focus, and with it a phone its keyboard.
  bar.addEventListener("mousedown", (event) => event.preventDefault());
  // One stop for Tab, arrows within: the pattern of a toolbar.
  buttons.forEach((button, at) => (button.tabIndex = at ? -1 : 0));
  bar.addEventListener("keydown", (event) => {
    const at = buttons.indexOf(document.activeElement);
    const ltr = getComputedStyle(bar).direction === "ltr" ? 1 : -1;
    const by = { ArrowRight: ltr, ArrowLeft: -ltr, Home: -at, End: buttons.length - 1 - at }[event.key];
    if (at < 0 || by === undefined) return;
    event.preventDefault();
    const next = buttons[(at + by + buttons.length) % buttons.length];
    for (const button of buttons) button.tabIndex = button === next ? 0 : -1;
    next.focus();
  });

  form.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229 || event.altKey) return;
    const isMac = /Mac|iP(hone|ad)/.test(navigator.platform);
    const isCommand = event.metaKey === isMac && event.ctrlKey !== isMac;
    // The letter on the key, also where the keyboard writes another alphabet.
    const key = String.fromCharCode(event.keyCode);
    if (isCommand && !event.shiftKey && key === "S") {
      event.preventDefault();
      save();
    } else if (isCommand && !event.shiftKey && event.target === field && Object.hasOwn(KEYS, key)) {
      event.preventDefault();
      press(KEYS[key]);
    } else if (event.key === "Enter" && !isCommand && event.target === form.elements.title) {
      event.preventDefault();
      field.focus();
    }
  });

  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing || event.keyCode === 229 || event.defaultPrevented) return;
    if (event.shiftKey || event.ctrlKey || event.metaKey || field.selectionStart !== field.selectionEnd) return;
    const change = enter(field.value, field.selectionStart);
    if (!change) return;
    event.preventDefault();
    apply(change);
    // As a browser does after a line that was typed.
    field.dispatchEvent(new Event("moved"));
  });
}
