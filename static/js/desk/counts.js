// The foot line: words and minutes at every key, and the things to look at as the preview finds them.

import { count } from "./said.js";

// Counts by the rule of blog/lib/counting.py: kinds of words in their order, each with its pattern,
// how many of it make a word, and how many words are read in a minute.
export function counted(text, rule) {
  let words = 0;
  let minutes = 0;
  for (const [kind, size, rate] of rule) {
    const parts = text.split(RegExp(kind, "u"));
    const found = Math.ceil((parts.length - 1) / size);
    text = parts.join(" ");
    words += found;
    minutes += found / rate;
  }
  return { words, minutes: Math.max(1, Math.ceil(minutes - 1e-6)) };
}

export function counting(form) {
  const field = form.elements.body;
  const foot = document.getElementById("foot");
  const [words, minutes, look] = foot.children;
  const rule = JSON.parse(foot.dataset.rule);
  let timer;
  let things = [];
  let next = 0;
  let go = () => {};

  function show(found = counted(field.value, rule)) {
    words.textContent = count("words", found.words);
    minutes.textContent = count("minutes", found.minutes);
  }

  function found(answer) {
    if (answer.words >= 0) show(answer);
    things = answer.things ?? [];
    next = 0;
    const button = document.createElement("button");
    Object.assign(button, { type: "button", textContent: answer.counted });
    look.replaceChildren(...(answer.counted ? [button] : []));
  }

  // Each press leads to the next of them.
  look.addEventListener("click", (event) => {
    if (things.length && event.target.closest("button")) go(things[next++ % things.length]);
  });
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(show, 50);
  });
  show();
  return { found, leadTo: (leads) => (go = leads) };
}
