// The foot line: words and minutes at every key, and the things to look at as the preview finds them.

import { count } from "./said.js";

const RATE = 238; // words a minute, as on readers' pages

export function counting(form) {
  const field = form.elements.body;
  const words = document.getElementById("words");
  const minutes = document.getElementById("minutes");
  const look = document.getElementById("look-at");
  let timer = 0;
  let things = [];
  let next = 0;
  let go = () => {};

  function show(number) {
    words.textContent = count("words", number);
    minutes.textContent = count("minutes", Math.max(1, Math.ceil(number / RATE)));
  }

  const counted = () => (field.value.match(/[^\s]*[\p{L}\p{N}][^\s]*/gu) ?? []).length;

  function found(answer) {
    if (Number.isInteger(answer.words)) show(answer.words);
    things = answer.things ?? [];
    next = 0;
    look.replaceChildren();
    if (!answer.counted) return;
    const button = document.createElement("button");
    Object.assign(button, { type: "button", textContent: answer.counted });
    look.append(button);
  }

  // Each press leads to the next of them.
  look.addEventListener("click", (event) => {
    if (!event.target.closest("button") || !things.length) return;
    go(things[next % things.length]);
    next += 1;
  });
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => show(counted()), 50);
  });
  show(counted());
  return { found, leadTo: (leads) => (go = leads) };
}
