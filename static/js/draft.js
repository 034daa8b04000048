// Keeps what is being written in this browser until it is posted, so that closing the page, a lost
// line or a step to another comment's reply form costs no words. Nothing needs it.
(() => {
  const form = document.querySelector("form[data-draft]");
  if (!form) return;
  const key = "draft:" + form.getAttribute("action");
  const box = form.elements.body;
  const month = 30 * 24 * 3600 * 1000;
  let kept = null;

  // `from` is where on the page it was sent from, once it was.
  function keep(from) {
    try {
      if (box.value.trim()) {
        localStorage.setItem(key, JSON.stringify({ text: box.value, at: Date.now(), from }));
      } else {
        localStorage.removeItem(key);
      }
    } catch {
      // Storage is full or switched off: the form works as without this script.
    }
  }

  try {
    kept = JSON.parse(localStorage.getItem(key));
    // Posting leads to the comment itself; a line that broke leads nowhere.
    const posted = kept?.from !== undefined && /^#c\d+$/.test(location.hash) && location.hash !== kept.from;
    if (posted || Date.now() - kept?.at > month) {
      localStorage.removeItem(key);
      kept = null;
    }
  } catch {
    kept = null;
  }
  if (kept && !box.value) {
    box.value = kept.text;
    document.getElementById("body-help").append(" " + form.dataset.draft);
  }
  box.addEventListener("input", () => keep());
  form.addEventListener("submit", () => keep(location.hash));
})();
