// Copies what stands in a field of the bar, such as the link to a shared draft.

export function copying(form) {
  form.addEventListener("click", async ({ target }) => {
    const from = target.closest?.("[data-copy]");
    if (!from) return;
    const field = form.querySelector(from.dataset.copy);
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
    } catch {
      document.execCommand("copy"); // without https, browsers have no clipboard for scripts
    }
  });
}
