"""What is wrong with how a page is laid out, as a browser sees it."""

# Each element whose words do not fit: they are cut off, or reach out of their button. What one
# types or chooses moves in its field, and is no fault.
TOO_WIDE = """() => {
  const found = [];
  const name = (e) => `<${e.localName}${e.id ? "#" + e.id : ""}${
    [...e.classList].map(c => "." + c).join("")}> ${(e.value || e.innerText || "").slice(0, 60)}`;
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth > width + 1) {
    for (const e of document.body.querySelectorAll("*")) {
      const {left, right} = e.getBoundingClientRect();
      if (right > left && (left < -1 || right > width + 1))
        found.push(`sideways ${Math.round(left)}–${Math.round(right)}: ${name(e)}`);
    }
    const wide = document.documentElement.scrollWidth;
    return [`the page is ${wide} wide: ${found.slice(-3).join(" | ")}`];
  }
  for (const e of document.body.querySelectorAll("*")) {
    const style = getComputedStyle(e);
    if (e.matches("input:not([type=submit], [type=button]), select")) continue;
    if (e.clientWidth < 4 || style.clip != "auto" || style.clipPath != "none") continue;
    const isCut = e.scrollWidth > e.clientWidth + 1;
    if (isCut && style.overflowX.match(/hidden|clip/) && style.textOverflow != "ellipsis")
      found.push("cut: " + name(e));
    if (isCut && e.matches("input[type=submit], input[type=button], button, summary, .button"))
      found.push("label: " + name(e));
  }
  return found;
}"""


def too_wide(page):
    """Return what does not fit on a page, at its size."""
    return page.evaluate(TOO_WIDE)
