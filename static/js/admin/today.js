// Single keys on the first page: each follows a link that is there without this script too.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.getModifierState("AltGraph")) return;
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  // Of a keyboard with another alphabet it is the Latin letter on the key.
  const key = event.key > "~" ? String.fromCharCode(event.keyCode) : event.key;
  // CSS.escape: a quotation mark is a key as well.
  document.querySelector(`[data-key="${CSS.escape(key.toLowerCase())}"]`)?.click();
});
