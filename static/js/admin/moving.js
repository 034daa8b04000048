// Bringing a blog here: sends its files in parts before the form, and looks how far the work is.
// Without this script the form sends them itself, and "Look again" is a link.

import { send } from "../desk/uploads.js";

const AGAIN = 2000; // milliseconds between two looks
const { documentElement } = document;

const form = document.getElementById("send");
form?.addEventListener("submit", async (event) => {
  const chosen = [...form.querySelectorAll("input[type=file]")].filter((input) => input.files.length);
  if (!chosen.length) return;
  event.preventDefault();
  const said = document.getElementById("sending");
  const button = form.querySelector("input[type=submit]");
  button.disabled = true;
  try {
    for (const input of chosen) await arrived(input, said);
  } catch (error) {
    said.textContent = error.message;
    button.disabled = false;
    return;
  }
  form.submit();
});

async function arrived(input, said) {
  const [file] = input.files;
  const size = new Intl.NumberFormat(documentElement.lang, { style: "unit", unit: "megabyte", maximumFractionDigits: 1 });
  const given = await send(form, file, new AbortController().signal, {
    sent: (at) => {
      const far = form.dataset.sent.replace("%1", size.format(at / 1e6)).replace("%2", size.format(file.size / 1e6));
      said.textContent = `${file.name}: ${far}`;
    },
    failed: () => (said.textContent = form.dataset.failed),
  });
  if (!given?.whole) throw new Error(given?.error ?? form.dataset.failed);
  form.elements[`${input.name}_key`].value = given.whole;
  input.value = "";
}

// Puts what the page says now in the place of what it said, as long as the work goes on.
async function look() {
  const now = document.getElementById("move");
  if (!now || !("goesOn" in now.dataset)) return;
  try {
    const response = await fetch(location.href, { signal: AbortSignal.timeout(10000) });
    if (response.ok && !response.redirected) {
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      const fresh = page.getElementById("move");
      if (fresh) change(now, fresh);
    }
  } catch {
    // The site does not answer: the next look may find it.
  }
  setTimeout(look, AGAIN);
}
setTimeout(look, AGAIN);

// While the state is the same only the numbers change, and a button keeps its focus.
function change(now, fresh) {
  const said = (page) => page.querySelector(".state p").textContent;
  if (said(now) === said(fresh)) {
    now.querySelector(".far").replaceWith(fresh.querySelector(".far"));
    return;
  }
  const isHere = now.contains(document.activeElement);
  now.replaceWith(fresh);
  if (isHere) fresh.focus();
}
