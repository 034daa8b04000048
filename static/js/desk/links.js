// While the address of a link is typed, a plain list under the text finds one's own essays by title.

import { insert } from "./fields.js";
import { sentence } from "./said.js";

const PAUSE = 150;
const BEFORE = /(^|[^!])\[([^\]\n]*)\]\(([^()\n]{0,80})$/;

export function linking(form) {
  const field = form.elements.body;
  const list = document.createElement("ul");
  Object.assign(list, { id: "links", role: "listbox", hidden: true, ariaLabel: sentence("links") });
  field.after(list);
  field.setAttribute("aria-controls", "links");
  field.setAttribute("aria-autocomplete", "list");
  let timer = 0;
  let asked = 0;
  let closed = ""; // what Escape closed the list at

  // Returns what is typed of an address up to the cursor, or null where none is.
  function typed() {
    if (field.selectionStart !== field.selectionEnd) return null;
    const before = field.value.slice(Math.max(0, field.selectionStart - 400), field.selectionStart);
    const found = before.match(BEFORE);
    if (!found || /^(https?:|mailto:|[/#])/i.test(found[3])) return null;
    return { part: found[3], query: (found[3] || found[2]).trim() };
  }

  function close() {
    clearTimeout(timer);
    asked += 1;
    list.hidden = true;
    list.replaceChildren();
    field.removeAttribute("aria-activedescendant");
  }

  function look() {
    clearTimeout(timer);
    const wanted = typed();
    if (!wanted?.query || !form.dataset.links || wanted.query === closed) return close();
    closed = "";
    timer = setTimeout(find, PAUSE, wanted.query);
  }

  async function find(query) {
    const mine = (asked += 1);
    let found = [];
    try {
      const answer = await fetch(`${form.dataset.links}?q=${encodeURIComponent(query)}`, {
        headers: { Accept: "application/json" },
      });
      if (answer.ok) found = await answer.json();
    } catch {
      // Then the address is typed by hand.
    }
    if (mine !== asked) return;
    list.replaceChildren(...found.map(option));
    list.hidden = !found.length;
  }

  function option({ title, path }, at) {
    const item = document.createElement("li");
    Object.assign(item, { id: `link-${at}`, role: "option", textContent: title, ariaSelected: "false" });
    item.dataset.path = path;
    return item;
  }

  function choose(item) {
    const wanted = typed();
    if (!wanted) return close();
    const { value, selectionStart: at } = field;
    const isClosed = value[at] === ")";
    const { dataset, textContent: title } = item;
    const isBare = value.slice(0, at - wanted.part.length).endsWith("[](");
    const from = at - wanted.part.length - (isBare ? 2 : 0);
    const words = isBare ? `${title.replace(/([[\]])/g, "\\$1")}](` : "";
    insert(field, words + dataset.path + (isClosed ? "" : ")"), from, at);
    if (isClosed) field.setSelectionRange(field.selectionEnd + 1, field.selectionEnd + 1);
    close();
  }

  field.addEventListener("input", look);
  field.addEventListener("blur", () => setTimeout(() => document.activeElement !== field && close(), 200));
  field.addEventListener("click", look);
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const item = event.target.closest("[role=option]");
    if (item) choose(item);
  });
  // Before the text's own Enter.
  field.addEventListener("keydown", (event) => {
    if (list.hidden || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    const items = [...list.children];
    const at = items.findIndex((item) => item.ariaSelected === "true");
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const to = event.key === "ArrowDown" ? at + 1 : at < 0 ? items.length - 1 : at - 1;
      items.forEach((item, number) => (item.ariaSelected = String(number === to)));
      items[to]?.scrollIntoView({ block: "nearest" });
      if (items[to]) field.setAttribute("aria-activedescendant", items[to].id);
      else field.removeAttribute("aria-activedescendant");
    } else if (event.key === "Enter" && at >= 0) {
      choose(items[at]);
    } else if (event.key === "Escape") {
      closed = typed()?.query ?? "";
      close();
    } else {
      if (event.key.startsWith("Arrow")) close();
      return;
    }
    event.preventDefault();
  });
  return { look };
}
