// Offers to write beside selected words: a link in the margin, or under the paragraph.
(() => {
  const page = document.querySelector(".noting a");
  const prose = document.querySelector(".prose");
  if (!page) return;
  const link = document.createElement("a");
  link.className = "offer";

  function words(range) {
    const part = range.cloneContents();
    for (const left of part.querySelectorAll("aside, .ref, .anchor")) left.remove();
    return part.textContent;
  }

  function offer() {
    if (document.activeElement === link) return;
    const all = document.createRange();
    all.selectNodeContents(prose);
    const range = getSelection().rangeCount ? getSelection().getRangeAt(0) : all;
    const exact = prose.contains(range.commonAncestorContainer) ? words(range).trim() : "";
    page.nextElementSibling.textContent = link.textContent = exact && page.dataset.words;
    link.remove();
    if (!exact || range === all) return;
    const after = all.cloneRange();
    all.setEnd(range.startContainer, range.startOffset);
    after.setStart(range.endContainer, range.endOffset);
    link.href = page.href + "?" + new URLSearchParams({
      exact: exact.slice(0, 2000),
      prefix: words(all).slice(-60),
      suffix: words(after).slice(0, 60),
    });
    link.style.top = range.getBoundingClientRect().y - prose.getBoundingClientRect().y + "px";
    [...prose.children].findLast((block) => range.intersectsNode(block)).after(link);
  }

  let timer;
  page && document.addEventListener("selectionchange", () => {
    clearTimeout(timer);
    timer = setTimeout(offer, 200);
  });
})();
