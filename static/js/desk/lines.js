// The lines of the text: which one the cursor is on, where one begins, and showing it.

export const lineOf = (field) => field.value.slice(0, field.selectionStart).split("\n").length;

export function startOf(field, line) {
  const before = field.value.split("\n").slice(0, line - 1);
  return before.join("\n").length + (before.length ? 1 : 0);
}

// Scrolls to the selection, which browsers do only when something is typed.
export function reveal(field) {
  const part = field.selectionStart / Math.max(1, field.value.length);
  const { top, height } = field.getBoundingClientRect();
  const at = top + height * part;
  if (at < 120 || at > innerHeight - 120) window.scrollBy({ top: at - innerHeight / 3, behavior: "instant" });
}

// Begins at the line that was on screen when somebody pressed Edit beside the essay.
export function beginning(field) {
  const { line } = field.dataset;
  if (!line) return;
  const at = startOf(field, Number(line));
  field.setSelectionRange(at, at);
  reveal(field);
  // Chromium scrolls to the cursor of a field that gets the focus.
  field.blur();
  field.focus();
}
