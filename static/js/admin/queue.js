// Single keys for the queue: each presses a button that is there without this script too.
document.addEventListener("DOMContentLoaded", () => {
  const rows = [...document.querySelectorAll("[data-row]")];
  const keys = document.getElementById("keys");
  if (!keys) return;
  const open = document.querySelector("[data-keys]");
  const onOff = keys.querySelector("[data-keys-on]");
  const works = () => localStorage.getItem("queue-keys") !== "off";
  let pressed = false;

  function focus(row) {
    if (!row) return;
    row.focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  }

  function current() {
    return document.activeElement.closest("[data-row]") ?? null;
  }

  function press(selector, within) {
    const button = within?.querySelector(selector);
    if (!button || pressed) return;
    // A second press before the answer would be about the same row.
    pressed = button.matches("button");
    button.click();
  }

  function show() {
    onOff.checked = works();
    keys.showModal();
  }

  const actions = {
    j: () => focus(rows[Math.min(rows.indexOf(current()) + 1, rows.length - 1)]),
    k: () => focus(rows[Math.max(rows.indexOf(current()) - 1, 0)]),
    x: () => press(".action-select", current()),
    u: () => press("[data-undo]", document),
    r: () => {
      const reply = current()?.querySelector("details.reply");
      if (!reply) return;
      reply.open = true;
      reply.querySelector("textarea").focus();
    },
    "?": show,
  };
  for (const key of "asde") actions[key] = () => press(`[data-verb="${key}"]`, current());

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.repeat) return;
    if (event.target.closest("input:not([type=checkbox]), textarea, select, dialog")) return;
    if (!actions[event.key] || (!works() && event.key !== "?")) return;
    event.preventDefault();
    actions[event.key]();
  });
  onOff.addEventListener("change", () => {
    localStorage.setItem("queue-keys", onOff.checked ? "on" : "off");
  });
  open.hidden = false;
  open.addEventListener("click", show);

  // What was just done is heard with the row that has the focus next.
  const place = rows.find((row) => `#${row.id}` === location.hash) ?? null;
  const outcome = document.getElementById("outcome");
  if (outcome && place) place.setAttribute("aria-describedby", "outcome");
  if (place) focus(place);
  else if (works() && document.activeElement === document.body) focus(rows[0]);
});
