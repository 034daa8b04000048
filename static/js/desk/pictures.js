// Files that are pasted, dropped or chosen: sent to the site one after the other, each put into the
// text as a line of its own where the cursor was, with its description selected.

import { insert } from "./fields.js";
import { hush, say, sentence } from "./said.js";
import { send } from "./uploads.js";

export function pictures(form) {
  const field = form.elements.body;
  const chooser = form.elements.pictures;
  const line = document.getElementById("upload");
  const places = new Set(); // where each file that is on its way belongs
  let before = field.value;
  let isOurs = false;
  let lane = Promise.resolve();

  const choose = () => chooser?.click();
  const add = (files) => {
    hush("refused");
    for (const file of files) {
      const place = { at: field.selectionEnd };
      places.add(place);
      lane = lane.then(() => upload(file, place)).finally(() => places.delete(place));
    }
  };

  // Places follow what is written before them.
  field.addEventListener("input", () => {
    const { value } = field;
    let same = 0;
    if (places.size) while (same < value.length && value[same] === before[same]) same += 1;
    for (const place of places) {
      if (place.at > same) place.at = Math.max(same, place.at + value.length - before.length);
      place.isPassed ||= !isOurs;
    }
    before = value;
  });

  async function upload(file, place) {
    const stopping = new AbortController();
    const stop = () => stopping.abort();
    const { name } = file;
    line.lastChild.onclick = stop;
    const given = await send(form, file, stopping.signal, {
      sent(bytes) {
        hush("failed");
        line.firstChild.data = sentence("sending", {
          file: name,
          percent: Math.floor((bytes / file.size) * 100),
        });
        line.hidden = false;
      },
      failed(again) {
        line.hidden = true;
        say("failed", { file: name }, { again, out: stop });
      },
    });
    line.hidden = true;
    hush("failed");
    if (given?.markdown) put(given.markdown, place);
    else if (given) say("refused", { why: given.error }, { choose });
  }

  // On a line of its own: behind the line of somebody who went on typing, who keeps the cursor.
  function put(markdown, place) {
    places.delete(place);
    const { value, selectionStart: start, selectionEnd: end } = field;
    const next = `${value}\n`.indexOf("\n", place.at);
    const at = place.isPassed ? next : place.at;
    const gap = (text) => (/^(\n\n|$)/.test(text) ? "" : text[0] === "\n" ? "\n" : "\n\n");
    const head = gap([...value.slice(0, at).slice(-2)].reverse().join(""));
    const behind = [...places].filter((one) => one.at >= place.at && one.at <= at);
    const focused = document.activeElement;
    isOurs = true;
    insert(field, head + markdown + gap(value.slice(at)), at, at);
    isOurs = false;
    const first = at + head.length;
    for (const one of behind) one.at = first + markdown.length;
    const by = (position) => position + (position > at ? field.value.length - value.length : 0);
    if (place.isPassed || end !== place.at) field.setSelectionRange(by(start), by(end));
    else field.setSelectionRange(first + 2, first + markdown.lastIndexOf("]("));
    if (focused?.matches("input, select")) focused.focus({ preventScroll: true });
  }

  chooser?.setAttribute("form", ""); // not one of the form's fields any more
  chooser?.addEventListener("change", () => {
    add([...chooser.files]);
    chooser.value = "";
  });
  for (const name of ["dragover", "drop"]) {
    field.addEventListener(name, (event) => {
      if (!event.dataTransfer.types.includes("Files")) return;
      event.preventDefault();
      add(event.dataTransfer.files); // none before they are dropped
    });
  }
  window.addEventListener("beforeunload", (event) => places.size && event.preventDefault());
  return { add, choose };
}
