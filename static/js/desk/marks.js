// What each word of the toolbar does to the text, as changes: put `text` in place of what is
// between `from` and `to`, then select from `start` to `end`. They know no field and no page.

const WORD = /[\p{L}\p{N}_’'-]/u;

// Around the chosen words, or the word the cursor is in; pressed again it takes the marks away.
function around(mark) {
  return (value, start, end) => {
    if (start === end) [start, end] = wordAt(value, start);
    // Spaces at the ends stay outside: "** words**" would not be emphasis.
    while (start < end && /\s/.test(value[start])) start += 1;
    while (end > start && /\s/.test(value[end - 1])) end -= 1;
    const long = mark.length;
    const chosen = value.slice(start, end);
    if (runs(value, start, -1, mark) && runs(value, end, 1, mark)) {
      return change(start - long, end + long, chosen, -long, chosen.length - long, start);
    }
    if (chosen.length > 2 * long && runs(chosen, 0, 1, mark) && runs(chosen, chosen.length, -1, mark)) {
      const bare = chosen.slice(long, -long);
      return change(start, end, bare, 0, bare.length, start);
    }
    return change(start, end, mark + chosen + mark, long, long + chosen.length, start);
  };
}

// Whether a run of marks at this place holds this one: ** and *** hold strong, * and *** emphasis.
function runs(value, at, way, mark) {
  let count = 0;
  while (value[way > 0 ? at + count : at - 1 - count] === mark[0]) count += 1;
  if (mark[0] === "`") return count === 1;
  return mark.length === 2 ? count >= 2 : count === 1 || count === 3;
}

function change(from, to, text, start, end, base = from) {
  return { from, to, text, start: base + start, end: base + end };
}

function wordAt(value, at) {
  let [start, end] = [at, at];
  while (start > 0 && WORD.test(value[start - 1])) start -= 1;
  while (end < value.length && WORD.test(value[end])) end += 1;
  return [start, end];
}

function linesOf(value, start, end) {
  const from = value.lastIndexOf("\n", start - 1) + 1;
  // A line that is chosen up to its beginning only is not meant.
  const last = end > start && value[end - 1] === "\n" ? end - 1 : end;
  const to = value.indexOf("\n", last);
  return [from, to < 0 ? value.length : to];
}

function heading(value, start, end) {
  const [from, to] = linesOf(value, start, start);
  const line = value.slice(from, to);
  const [mark] = line.match(/^#{1,6}\s+|^/);
  const next = { "": "# ", "# ": "## " }[mark] ?? "";
  const text = next + line.slice(mark.length);
  const moved = next.length - mark.length;
  return change(from, to, text, Math.max(start + moved - from, 0), Math.max(end + moved - from, 0));
}

function quote(value, start, end) {
  const [from, to] = linesOf(value, start, end);
  const lines = value.slice(from, to).split("\n");
  const isQuote = lines.every((line) => line.startsWith(">"));
  const text = lines
    .map((line) => (isQuote ? line.replace(/^> ?/, "") : line ? `> ${line}` : ">"))
    .join("\n");
  if (start !== end) return change(from, to, text, 0, text.length);
  const at = Math.max(start - from + text.length - (to - from), 0);
  return change(from, to, text, at, at);
}

const inline = around("`");

function code(value, start, end) {
  const chosen = value.slice(start, end);
  const [from, to] = linesOf(value, start, end);
  const isBlank = !value.slice(from, to).trim();
  if (!chosen.includes("\n") && !isBlank) return inline(value, start, end);
  const lines = value.slice(from, to);
  const inside = value.slice(0, from).match(/(?:^|\n)(`{3,})[^`\n]*\n$/);
  if (inside && value.slice(to).startsWith(`\n${inside[1]}`)) {
    const before = from - inside[0].length + (inside[0][0] === "\n" ? 1 : 0);
    return change(before, to + 1 + inside[1].length, lines, 0, lines.length);
  }
  const longest = Math.max(2, ...(lines.match(/`{3,}/g) ?? []).map((run) => run.length));
  const fence = "`".repeat(longest + 1);
  return change(from, to, `${fence}\n${lines}\n${fence}`, fence.length + 1, fence.length + 1 + lines.length);
}

const ADDRESS = /^(?:https?:\/\/|mailto:)\S+$/i;
export const isAddress = (text) => ADDRESS.test(text.trim());

// With words chosen the address is wanted next; with an address, its words; with neither, both.
function link(value, start, end) {
  const chosen = value.slice(start, end);
  const found = chosen.match(/^\[([^\]]*)\]\([^)]*\)$/);
  if (found) return change(start, end, found[1], 0, found[1].length);
  if (isAddress(chosen)) return change(start, end, `[](${chosen.trim()})`, 1, 1);
  if (chosen) return change(start, end, `[${chosen}]()`, chosen.length + 3, chosen.length + 3);
  const [from, to] = wordAt(value, start);
  const word = value.slice(from, to);
  if (word) return change(from, to, `[${word}]()`, word.length + 3, word.length + 3);
  return change(start, end, "[]()", 1, 1);
}

export function linked(words, address) {
  return `[${words.replace(/([[\]])/g, "\\$1")}](${address.trim().replace(/\(/g, "%28").replace(/\)/g, "%29")})`;
}

// A free label: the word before it where that is one, else a number.
export function freeLabel(value, at) {
  const taken = new Set([...value.matchAll(/\[\^([^\]\n]+)\]/g)].map(([, label]) => label));
  let number = 1;
  while (taken.has(String(number))) number += 1;
  const [word] = value.slice(Math.max(0, at - 60), at).match(/[\p{L}\p{N}]+(?=[\p{P}\s]*$)/u) ?? [""];
  const label = word.toLowerCase();
  return label.length > 2 && label.length < 21 && !/^\d+$/.test(label) && !taken.has(label) ? label : String(number);
}

// Both halves of a note: its mark here, and its words at the end of the text, which come first, so
// that they do not move the other's place.
export function note(value, start, end) {
  const label = freeLabel(value, end);
  const kept = Math.max(value.trimEnd().length, end);
  const isAfterNote = /(?:^|\n)\[\^[^\]\n]+\]:[^\n]*$/.test(value.slice(0, kept));
  const text = `${isAfterNote && end < kept ? "\n" : "\n\n"}[^${label}]: `;
  const mark = `[^${label}]`;
  const last = kept + mark.length + text.length;
  return [
    change(kept, value.length, text, text.length, text.length),
    { from: end, to: end, text: mark, start: last, end: last },
  ];
}

export const marks = { emphasis: around("*"), strong: around("**"), heading, quote, link, code };

const ITEM = /^(\s*(?:>\s?)*\s*)([-*+]|\d+[.)])(\s+)(\[[ xX]\]\s+)?/;
const QUOTE = /^\s*(?:>\s?)+/;

// What Enter writes in a list or a quote: the next item; in an empty one it ends it.
export function enter(value, at) {
  const [from, to] = linesOf(value, at, at);
  const line = value.slice(from, to);
  const item = line.match(ITEM);
  const start = item?.[0] ?? line.match(QUOTE)?.[0];
  if (!start || at - from < start.trimEnd().length || inFence(value.slice(0, from))) return null;
  if (line.trim() === start.trim()) return change(from, to, "", 0, 0);
  const number = item && /^\d+/.test(item[2]) ? `${parseInt(item[2], 10) + 1}${item[2].slice(-1)}` : item?.[2];
  const next = item ? item[1] + number + item[3] + (item[4] ? "[ ] " : "") : start;
  return change(at, at, `\n${next}`, next.length + 1, next.length + 1);
}

function inFence(before) {
  let open = "";
  for (const [, run] of before.matchAll(/^ {0,3}(`{3,}|~{3,})[^\n]*$/gm)) {
    if (!open) open = run;
    else if (run[0] === open[0] && run.length >= open.length) open = "";
  }
  return Boolean(open);
}
