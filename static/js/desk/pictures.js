// Pictures that are pasted, dropped or chosen: sent to the site one after the other, each put into
// the text as a line of its own with its description selected.

import { insert } from "./fields.js";
import { hush, say, sentence } from "./said.js";

const ACCEPTED = "image/jpeg,image/png,image/webp,image/gif";
const SEEN = 300; // milliseconds after which an upload is worth a word

export function pictures(form) {
  const field = form.elements.body;
  const chooser = document.createElement("input");
  Object.assign(chooser, { type: "file", accept: ACCEPTED, multiple: true, hidden: true });
  const line = document.createElement("span");
  line.id = "upload";
  line.hidden = true;
  document.getElementById("saved")?.before(line);
  document.body.append(chooser); // outside the form, so that it is not one of its fields
  let lane = Promise.resolve();

  const choose = () => chooser.click();
  const add = (files) => {
    hush("refused", "failed");
    for (const file of files) lane = lane.then(() => upload(file));
  };

  async function upload(file) {
    const before = field.value;
    const sending = new XMLHttpRequest();
    const began = Date.now();
    const stop = document.createElement("button");
    Object.assign(stop, { type: "button", textContent: sentence("stop") });
    stop.addEventListener("click", () => sending.abort());
    sending.upload.addEventListener("progress", ({ loaded, total }) => {
      if (Date.now() - began < SEEN) return;
      const sent = sentence("sending", file.name, Math.floor((loaded / total) * 100));
      if (line.hidden) line.replaceChildren("", " ", stop);
      line.firstChild.data = sent;
      line.hidden = false;
    });
    const { status, given } = await answer(sending, form, file);
    line.hidden = true;
    if (status === "stopped") return;
    if (given?.markdown) place(given.markdown, before);
    else if (given?.error || status === 413) refuse(file, given?.error);
    else fail(file);
  }

  function refuse(file, why) {
    const because = why || sentence("refused", file.name);
    say("refused", { why: because }, { choose });
  }

  function fail(file) {
    const again = () => (hush("failed"), add([file]));
    say("failed", { file: file.name }, { again, out: () => hush("failed") });
  }

  // On a line of its own. Somebody who went on typing keeps the cursor.
  function place(markdown, before) {
    const { value, selectionStart: start, selectionEnd: end } = field;
    const isIdle = value === before;
    const next = value.indexOf("\n", end);
    const at = isIdle ? end : next < 0 ? value.length : next;
    const from = isIdle ? start : at;
    const head = /(^|\n\n)$/.test(value.slice(0, from)) ? "" : value[from - 1] === "\n" ? "\n" : "\n\n";
    const tail = /^(\n\n|$)/.test(value.slice(at)) ? "" : value[at] === "\n" ? "\n" : "\n\n";
    insert(field, head + markdown + tail, from, at);
    const alt = markdown.match(/^!\[((?:\\.|[^\]\\])*)\]/);
    if (isIdle && alt) {
      const first = from + head.length + 2;
      field.setSelectionRange(first, first + alt[1].length);
    } else field.setSelectionRange(start, end);
  }

  chooser.addEventListener("change", () => {
    add([...chooser.files]);
    chooser.value = "";
  });
  const hasFiles = (event) => event.dataTransfer?.types.includes("Files");
  field.addEventListener("dragover", (event) => hasFiles(event) && event.preventDefault());
  field.addEventListener("drop", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    add([...event.dataTransfer.files]);
  });
  return { add, choose };
}

function answer(sending, form, file) {
  const body = new FormData();
  body.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
  body.set("file", file);
  return new Promise((resolve) => {
    sending.addEventListener("abort", () => resolve({ status: "stopped" }));
    sending.addEventListener("error", () => resolve({ status: 0 }));
    sending.addEventListener("load", () => {
      let given = null;
      try {
        given = JSON.parse(sending.responseText);
      } catch {
        // Some page, such as that of a proxy.
      }
      resolve({ status: sending.status, given });
    });
    sending.open("POST", form.dataset.picture);
    sending.setRequestHeader("Accept", "application/json");
    sending.send(body);
  });
}
