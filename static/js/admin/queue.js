// Single keys for the queue: each presses a button that is there without this script too.
document.addEventListener("DOMContentLoaded", () => {
  const rows = [...document.querySelectorAll("[data-row]")];
  const keys = document.getElementById("keys");
  if (!keys) return;
  const open = document.querySelector("[data-keys]");
  const onOff = keys.querySelector("[data-keys-on]");
  const why = document.getElementById("why-not");
  const works = () => localStorage.getItem("queue-keys") !== "off";
  // Milliseconds after a letter that means nothing here in which no other letter decides: somebody
  // is typing words.
  const TYPING = 1500;
  let pressed = false;
  // Letters typed after a box did not open are meant for that box: they do nothing until Escape.
  let paused = false;
  let stray = -TYPING;

  function focus(row) {
    row.focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  }

  function current() {
    return document.activeElement.closest("[data-row]") ?? null;
  }

  // Says why a key did nothing, at the row it was meant for.
  function say(...reasons) {
    current()?.querySelector(".what").append(why);
    why.textContent = reasons.map((reason) => why.dataset[reason]).join(" ");
  }

  function press(selector, within, reason) {
    const button = within?.querySelector(selector);
    if (!button) {
      say(within ? reason : "noRow");
      return;
    }
    if (pressed) return;
    // A second press before the answer would be about the same row.
    pressed = button.matches("button");
    button.click();
  }

  function move(by) {
    const at = rows.indexOf(current());
    const row = rows[at < 0 ? 0 : at + by];
    if (row) focus(row);
    else say(rows.length ? (by > 0 ? "last" : "first") : "none");
  }

  function reply() {
    const box = current()?.querySelector("details.reply");
    if (box) {
      box.open = true;
      // Not only when the box says that it opened: by then the next letters were typed.
      box.querySelector("textarea").focus();
      return;
    }
    paused = true;
    say(current()?.dataset.noReply ?? "noRow", "paused");
  }

  function show() {
    onOff.checked = works();
    keys.showModal();
  }

  const actions = {
    j: () => move(1),
    k: () => move(-1),
    x: () => press(".action-select", current(), "noRow"),
    u: () => press("[data-undo]", document, "noUndo"),
    r: reply,
    "?": show,
  };
  const verbs = { a: "approved", s: "spam", d: "noRow", e: "noRow", b: "noWords", t: "noWords" };
  for (const [key, reason] of Object.entries(verbs)) {
    actions[key] = () => press(`[data-verb="${key}"]`, current(), reason);
  }

  function typing(event) {
    return (
      event.isComposing ||
      event.keyCode === 229 || // a key that an input method takes
      event.target.isContentEditable ||
      event.target.closest("input:not([type=checkbox], [type=radio]), textarea, select, dialog[open]") ||
      keys.open
    );
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (event.getModifierState("AltGraph") || typing(event)) return;
    if (event.key === "Escape" && paused) {
      paused = false;
      why.textContent = "";
    }
    const asks = event.key === "?" || event.key === "؟";
    if (event.key.length > 1 || event.key === " " || (!works() && !asks)) return;
    if (paused) {
      say("paused");
      return;
    }
    const words = event.timeStamp - stray < TYPING;
    // Of a keyboard with another alphabet it is the Latin letter on the key.
    const letter = event.key > "~" ? String.fromCharCode(event.keyCode).toLowerCase() : event.key;
    const key = asks ? "?" : event.shiftKey ? "" : letter;
    if (words || !Object.hasOwn(actions, key)) stray = event.timeStamp;
    if (words && key in verbs) {
      say("typed");
      return;
    }
    if (!Object.hasOwn(actions, key)) return;
    event.preventDefault();
    why.textContent = "";
    actions[key]();
  });

  // Opening a box puts the cursor into it; a click elsewhere ends the pause.
  for (const box of document.querySelectorAll("details.reply")) {
    box.addEventListener("toggle", () => {
      if (box.open) box.querySelector("textarea").focus();
    });
  }
  document.addEventListener("pointerdown", () => {
    paused = false;
  });
  onOff.addEventListener("change", () => {
    localStorage.setItem("queue-keys", onOff.checked ? "on" : "off");
  });
  if (open) {
    open.hidden = false;
    open.addEventListener("click", show);
  }

  // Where to go on: what is to be read again, else the row that follows what was decided.
  const again = document.querySelector("[data-row][data-again]");
  const place = again ?? rows.find((row) => `#${row.id}` === location.hash) ?? null;
  const box = again?.querySelector("details.reply[open] textarea");
  if (box) box.focus();
  else if (place) focus(place);
  else if (works() && rows.length && document.activeElement === document.body) focus(rows[0]);
  // What was just done is heard with the row that has the focus, or else by itself: a status is
  // read out only when it comes into a page that is there.
  const status = document.querySelector(".outcome");
  const sentence = status?.querySelector("[data-sentence]");
  if (sentence && current()) {
    sentence.id = "outcome";
    current().setAttribute("aria-describedby", "outcome");
  } else if (status) {
    // The button to undo stays, so that its key works meanwhile.
    const said = [...status.childNodes].filter((node) => !node.matches?.("[data-undo]"));
    said.forEach((node) => node.remove());
    setTimeout(() => status.prepend(...said), 100);
  }
});
