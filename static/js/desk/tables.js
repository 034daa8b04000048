// A table from a spreadsheet, as Markdown.

const cell = (text) => text.replace(/\s+/g, " ").trim().replace(/\|/g, "\\|");

function written(rows) {
  const width = Math.max(...rows.map((row) => row.length));
  const line = (row) => `| ${Array.from({ length: width }, (_, at) => cell(row[at] ?? "")).join(" | ")} |`;
  const [head, ...body] = rows;
  return [line(head), `|${" --- |".repeat(width)}`, ...body.map(line)].join("\n");
}

// Lines with a tab in each, as many in each: what spreadsheets put on the clipboard as plain text.
export function tableOfLines(text) {
  const rows = text.replace(/\r\n?/g, "\n").replace(/\n+$/, "").split("\n").map((row) => row.split("\t"));
  const isTable = rows.length > 1 && rows[0].length > 1 && rows.every((row) => row.length === rows[0].length);
  return isTable ? written(rows) : "";
}

// The one table that HTML holds with nothing beside it, or "".
export function tableOfHtml(html) {
  // Without styles, which the page's policy forbids, and the browser would complain of.
  const bare = html
    .replace(/<(style|script|title)\b[\s\S]*?<\/\1>/gi, "")
    .replace(/\sstyle\s*=\s*("[^"]*"|'[^']*')/gi, "");
  const page = new DOMParser().parseFromString(bare, "text/html");
  const tables = page.querySelectorAll("table");
  if (tables.length !== 1 || page.body.textContent.trim() !== tables[0].textContent.trim()) return "";
  const rows = [...tables[0].rows].map((row) => [...row.cells].flatMap(spanned));
  const filled = rows.filter((row) => row.some((one) => one.trim()));
  return filled.length > 1 && Math.max(...filled.map((row) => row.length)) > 1 ? written(filled) : "";
}

function spanned(one) {
  return [one.textContent, ...Array(Math.min(one.colSpan, 50) - 1).fill("")];
}
