// What the desk says of saving: one sentence at a time, the most pressing one. Its words are in the
// page (templates/admin/posts/desk/_said.html), so that they are translated with it.

const ORDER = ["signed-out", "first", "offline", "not-saved", "not-kept", "refused", "failed"];
const QUIET = ["found", "open"];
// Days are written as the site writes them in English: the day before the month.
export const LANGUAGE = document.documentElement.lang.replace(/^en$/, "en-GB");
export const TIME = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
export const dated = (at, shape) => new Intl.DateTimeFormat(LANGUAGE, shape).format(at);
const words = () => document.getElementById("desk-said");
const now = new Map();
const doing = {};

// Returns a sentence of the page by its name, with what is given in place of {…}.
export function sentence(name, given = {}) {
  return (words()?.dataset[name] ?? "").replace(/\{(\w+)\}/g, (gap, one) => given[one] ?? gap);
}

// Returns the sentence for a number, in the plural form that the page's language has for it.
export function count(name, number) {
  const form = new Intl.PluralRules(LANGUAGE).select(number);
  const { dataset } = words() ?? { dataset: {} };
  const said = dataset[name + form[0].toUpperCase() + form.slice(1)] ?? dataset[`${name}Other`];
  return (said ?? "%s").replace("%s", number.toLocaleString(LANGUAGE));
}

// Returns a moment as the clock here shows it, with the day where that is not today.
export function clock(at) {
  const day = at.toDateString() === new Date().toDateString() ? {} : { day: "numeric", month: "long" };
  return dated(at, { ...day, ...TIME });
}

// Shows what `name` stands for until `hush(name)`. `given` fills the gaps, `acts` are its buttons.
export function say(name, given = {}, acts = {}) {
  Object.assign(doing, acts);
  const before = now.get(name);
  now.set(name, given);
  // What is said already is not read out once more.
  if (JSON.stringify(before) !== JSON.stringify(given)) show();
}

export function hush(...names) {
  const were = names.filter((name) => now.delete(name));
  if (were.length) show();
}

export const isSaid = (name) => now.has(name);

function show() {
  place(document.getElementById("trouble"), ORDER);
  place(document.getElementById("notice"), QUIET);
}

function place(element, names) {
  if (!element) return;
  const name = names.find((one) => now.has(one));
  const said = name && words()?.content.querySelector(`[data-said="${name}"]`)?.cloneNode(true);
  const held = element.contains(document.activeElement);
  element.hidden = !said;
  element.dataset.name = name ?? "";
  element.replaceChildren(...(said ? said.childNodes : []));
  for (const [gap, value] of Object.entries((name && now.get(name)) || {})) {
    for (const one of element.querySelectorAll(`[data-${gap}]`)) {
      if (one.matches("a")) one.href = value;
      else if (typeof value === "boolean") one.hidden = !value;
      else one.textContent = value;
    }
  }
  // The pressed button is gone: the focus goes where the words are.
  if (held) (element.querySelector("button, a") ?? document.getElementById("id_body"))?.focus();
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("#trouble [data-do], #notice [data-do]");
  if (button) doing[button.dataset.do]?.(button);
});
