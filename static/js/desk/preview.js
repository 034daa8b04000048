// The page readers would get, beside the text: asked for after each pause, and only what differs
// is changed in the frame, so that it keeps its place and follows the cursor. The frame runs no
// script; this one reaches into it, because it is of the same origin.

import { Idiomorph } from "../vendor/idiomorph.js";
import { lineOf, reveal, startOf } from "./lines.js";
import { looks } from "./looks.js";

const PAUSE = 150;
const PATIENCE = 10000;
const WIDE = window.matchMedia("(min-width: 1180px)");

export function previewing(form, found) {
  const field = form.elements.body;
  const place = document.querySelector(".preview");
  const frame = document.getElementById("preview");
  if (!frame) return { go() {} };
  let timer = 0;
  let busy = false;
  let again = false;
  let blocks = [];
  let isReady = false;
  let isOn = false; // on a narrow screen: shown in place of the text

  const page = () => frame.contentDocument;
  const isShown = () => WIDE.matches || isOn;
  const look = looks(frame, place);

  function later() {
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE);
  }

  async function ask() {
    if (busy || !isReady || !isShown()) {
      again = busy;
      return;
    }
    busy = true;
    try {
      const body = new FormData(form);
      body.set("post", form.dataset.essay);
      const answer = await fetch(form.dataset.preview, {
        method: "POST",
        body,
        redirect: "manual",
        signal: AbortSignal.timeout(PATIENCE),
      });
      if (answer.ok) show(await answer.text());
    } catch {
      // The page shown stays; saving says what is wrong.
    }
    busy = false;
    if (again) ask();
    again = false;
  }

  function show(html) {
    // Styles are taken out before it is parsed, as the policies of both pages forbid new ones in
    // elements. The frame has those of every text; the rules of this text come in as an object.
    let style = "";
    const rest = html.replace(/<style>([\s\S]*?)<\/style>/g, (_all, css) => ((style = css), ""));
    const fresh = new DOMParser().parseFromString(rest, "text/html");
    const { documentElement: root, head } = page();
    const sheet = new (page().defaultView.CSSStyleSheet)();
    sheet.replaceSync(style);
    const old = [...head.querySelectorAll("style")].at(-1);
    if (old?.sheet) old.sheet.disabled = true;
    page().adoptedStyleSheets = [sheet];
    const top = root.scrollTop;
    Idiomorph.morph(page().body, fresh.body, { morphStyle: "innerHTML" });
    look.apply();
    take(fresh);
    root.scrollTop = top;
    follow();
  }

  function take(from) {
    try {
      const answer = JSON.parse(from.getElementById("preview").textContent);
      blocks = answer.blocks ?? [];
      found(answer);
    } catch {
      blocks = [];
    }
  }

  // Marks the block the cursor is in, and scrolls as far as it takes to see it.
  function follow() {
    const prose = page()?.querySelector(".prose");
    if (!prose || !isShown()) return;
    const line = lineOf(field);
    let at = blocks.findLastIndex((first) => first <= line);
    // Of blocks that were typed on one line, the first.
    while (at > 0 && blocks[at - 1] === blocks[at]) at -= 1;
    const block = prose.children[at];
    if (!block) return;
    const { top, bottom } = block.getBoundingClientRect();
    const row = prose.closest(".row");
    row.style.setProperty("--writing-top", `${top - row.getBoundingClientRect().top}px`);
    row.style.setProperty("--writing-height", `${bottom - top}px`);
    const { clientHeight: height } = page().documentElement;
    if (top >= 0 && bottom <= height) return;
    const by = bottom - top > height || top < 0 ? top - 40 : bottom - height + 40;
    page().defaultView.scrollBy({ top: by, behavior: "instant" });
  }

  // Selects what a sentence of the preview speaks of.
  function go({ start, end }) {
    if (isOn) turn(false);
    field.focus();
    field.setSelectionRange(Number(start), Number(end));
    reveal(field);
  }

  function clicked(event) {
    const link = event.target.closest?.("a[href], a.place");
    if (!link) return;
    const href = link.getAttribute("href") ?? "";
    if (href.startsWith("#")) return;
    event.preventDefault();
    const { start, end, line } = link.dataset;
    if (start) go({ start, end });
    else if (line) {
      const at = startOf(field, line);
      go({ start: at, end: at });
    } else window.open(link.href, "_blank", "noopener");
  }

  function turn(on) {
    isOn = on;
    document.body.classList.toggle("showing-preview", on);
    for (const side of document.querySelectorAll("#sides [data-side]")) {
      side.setAttribute("aria-pressed", String((side.dataset.side === "preview") === on));
    }
    if (on) ask();
  }

  function began() {
    if (!page()?.getElementById("preview")) return; // still empty, an error, or a page to sign in
    isReady = true;
    page().addEventListener("click", clicked);
    take(page());
    look.apply();
    // What is in the form may be newer than what was kept.
    ask();
  }

  frame.addEventListener("load", began);
  if (page()?.readyState === "complete") began();
  const sides = document.getElementById("sides");
  if (sides) sides.hidden = false;
  sides?.addEventListener("click", (event) => {
    const side = event.target.closest("[data-side]");
    if (side) turn(side.dataset.side === "preview");
  });
  WIDE.addEventListener("change", () => {
    turn(false);
    ask();
  });
  form.addEventListener("input", later);
  document.addEventListener("selectionchange", () => document.activeElement === field && follow());
  return { go };
}
