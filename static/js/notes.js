// Lets a reader write beside selected words: a link stands in the margin, or under the paragraph,
// and gives way to the form. The page behind the link does the same without a script.
(() => {
  const page = document.querySelector(".noting a");
  const prose = document.querySelector(".prose");
  if (!page) return;
  keptFor(page.getAttribute("href"));
  const place = document.createElement("div");
  const link = document.createElement("a");
  place.className = "offer";
  let timer, range;

  function words(of) {
    const part = of.cloneContents();
    part.querySelectorAll("aside, .ref, .anchor, noscript, .offer").forEach((left) => left.remove());
    return part.textContent;
  }

  function offer() {
    if (place.querySelector("form, :focus")) return;
    const selection = getSelection();
    if (selection.rangeCount) range = selection.getRangeAt(0).cloneRange();
    const within = range?.commonAncestorContainer;
    const exact = prose.contains(within) && !within.parentElement.closest("aside") ? words(range).trim() : "";
    page.nextElementSibling.textContent = link.textContent = exact && page.dataset.words;
    if (!exact) return place.remove();
    const before = range.cloneRange();
    before.setStart(prose, 0);
    before.setEnd(range.startContainer, range.startOffset);
    const quoted = { exact: exact.slice(0, 2000), prefix: words(before).slice(-60) };
    link.href = page.pathname + "?" + new URLSearchParams(quoted);
    place.replaceChildren(link);
    place.style = `--own: ${range.getBoundingClientRect().y - prose.getBoundingClientRect().y}px`;
    [...prose.children].find((block) => range.intersectsNode(block)).after(place);
    if (range.intersectsNode(place)) range.setEndBefore(place);
  }

  // Opens the form in place of the link, with the words marked.
  link.onclick = async (event) => {
    event.preventDefault();
    try {
      place.innerHTML = await (await fetch(link.href + "&here")).text();
      const form = place.querySelector("form");
      keepDraft(form);
      form.elements.body.focus();
      CSS.highlights?.set("beside", new Highlight(range));
    } catch {
      location = link.href;
    }
  };
  place.onreset = () => {
    place.replaceChildren();
    place.remove();
    CSS.highlights?.clear();
  };
  document.onselectionchange = () => {
    clearTimeout(timer);
    timer = setTimeout(offer, 200);
  };
})();
