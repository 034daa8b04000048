// Keeps what is being written in this browser until it is posted, so that closing the page, a lost
// line or a step to another form costs no words. Nothing needs it.

// Returns what was kept of a form, by its action, for 30 days. Posting it led to what was written.
function keptFor(action) {
  const key = "draft:" + action;
  try {
    const kept = JSON.parse(localStorage.getItem(key));
    const posted = kept?.from !== undefined && /^#[cnw]\d+$/.test(location.hash) && location.hash !== kept.from;
    if (!posted && !(kept?.at < Date.now() - 2592e6)) return kept;
    localStorage.removeItem(key);
  } catch {
    // Storage is full or switched off: forms work as without this script.
  }
}

function keepDraft(form) {
  const action = form.getAttribute("action");
  const box = form.elements.body;

  // `from` is where on the page it was sent from, once it was; a line that broke leads nowhere.
  function keep(from) {
    const key = "draft:" + action;
    try {
      localStorage.setItem(key, JSON.stringify({ text: box.value, at: Date.now(), from }));
      if (!box.value.trim()) localStorage.removeItem(key);
    } catch {}
  }

  const kept = keptFor(action);
  if (kept && !box.value) {
    box.value = kept.text;
    box.nextElementSibling.append(" " + form.dataset.draft);
  }
  form.oninput = () => keep();
  form.onsubmit = () => keep(location.hash);
}

document.querySelectorAll("form[data-draft]").forEach(keepDraft);
