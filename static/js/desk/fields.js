// The fields of the desk's form: reading them, comparing them, and changing them so that the
// browser's own undo takes the change back.

// What a version of an essay holds; all other fields are details, or of the form itself.
export const TEXT = ["title", "standfirst", "body", "tags", "slug", "lang"];
const OF_THE_FORM = ["csrfmiddlewaretoken", "act"];
const CONTROLS = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/g;

// Returns all fields by their names, as the form would send them.
export function read(form) {
  const fields = {};
  for (const [name, value] of new FormData(form)) {
    if (!OF_THE_FORM.includes(name) && typeof value === "string") fields[name] = value;
  }
  return fields;
}

const line = (text) => text.replace(/\s+/g, " ").trim();
const cleaned = {
  body: (text) => text.replace(/\r\n?/g, "\n").replace(CONTROLS, ""),
  tags: (text) => text.split(/[,،、,]/).map(line).filter(Boolean).sort().join(),
};

// Returns one string for the words in these fields: equal where the server would keep the same.
export function words(fields) {
  return JSON.stringify(TEXT.map((name) => (cleaned[name] ?? line)(fields[name] ?? "")));
}

// Lines that are put in as if typed. Chromium takes longer for each line: 6 s for 2,000 of them.
const MOST_LINES = 300;

// Puts text in the place of what is between two positions of a text field, as if it were typed.
export function insert(field, text, from = field.selectionStart, to = field.selectionEnd) {
  field.focus({ preventScroll: true });
  field.setSelectionRange(from, to);
  if (!text && from === to) return;
  const before = field.value;
  const isShort = text.split("\n", MOST_LINES).length < MOST_LINES;
  const done = isShort && document.execCommand(text ? "insertText" : "delete", false, text);
  if (done && field.value !== before) return;
  field.setRangeText(text, from, to, "end");
  field.dispatchEvent(new InputEvent("input", { bubbles: true, inputType: "insertText" }));
}

// Gives a text field another value: only what differs is replaced.
export function replace(field, text) {
  const old = field.value;
  if (old === text) return;
  const most = Math.min(old.length, text.length);
  let start = 0;
  while (start < most && old[start] === text[start]) start += 1;
  let end = 0;
  while (end < most - start && old.at(-1 - end) === text.at(-1 - end)) end += 1;
  insert(field, text.slice(start, text.length - end), start, old.length - end);
}

// Writes kept fields into the form; those it does not name are unchecked boxes.
export function write(form, fields) {
  const focused = document.activeElement;
  for (const field of form.elements) {
    const value = fields[field.name];
    if (!field.name || OF_THE_FORM.includes(field.name)) continue;
    if (["checkbox", "radio"].includes(field.type)) field.checked = value === field.value;
    else if (value === undefined || ["file", "submit"].includes(field.type)) continue;
    else if (["text", "textarea"].includes(field.type) && field.checkVisibility()) {
      replace(field, value);
    } else field.value = value;
  }
  focused?.focus({ preventScroll: true });
  form.dispatchEvent(new Event("input", { bubbles: true }));
}
