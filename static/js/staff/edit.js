// For those who may write an essay, and sent to nobody else: Edit stays in sight while they read,
// and leads to the paragraph they clicked last or have on screen.
(() => {
  const edit = document.getElementById("edit");
  const prose = document.querySelector(".prose");
  if (!edit || !prose) return;
  const home = edit.closest(".margin");

  // Returns the number of the paragraph that is meant, 0 for the start of the essay.
  function paragraph() {
    const blocks = [...prose.children];
    const isSeen = ({ top, bottom }) => bottom > 0 && top < innerHeight;
    const clicked = blocks.findIndex((block) => block.contains(getSelection().anchorNode));
    if (clicked >= 0 && isSeen(blocks[clicked].getBoundingClientRect())) return clicked + 1;
    if (prose.getBoundingClientRect().top > 0) return 0;
    const quarter = innerHeight / 4;
    const first = blocks.findIndex((block) => block.getBoundingClientRect().bottom > quarter);
    return first < 0 ? blocks.length : first + 1;
  }

  function lead() {
    const address = new URL(edit.href);
    address.searchParams.set("at", paragraph());
    edit.href = address.href;
  }
  for (const name of ["pointerdown", "keydown"]) edit.addEventListener(name, lead);

  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`
    #edit { display: block }
    @media screen {
      .far #edit { position: fixed; z-index: 1; inset-block-end: 1rem; background: var(--paper) }
    }
    @media screen and (width >= 58rem) { .far #edit { width: var(--margin) } }
    @media screen and (width < 58rem) {
      .far #edit { inset-inline-end: 1.05rem; padding: .6rem .9rem; border: 1px solid var(--soft) }
    }`);
  document.adoptedStyleSheets.push(sheet);
  new IntersectionObserver(([seen]) => {
    document.body.classList.toggle("far", !seen.isIntersecting);
  }).observe(home);
})();
