// Puts text on the clipboard.

export async function copy(text, field) {
  field.select();
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    document.execCommand("copy"); // without https, browsers have no clipboard for scripts
  }
}

// Copies what stands in a field of the bar, such as the link to a shared draft.
export function copying(form) {
  form.addEventListener("click", ({ target }) => {
    const from = target.closest?.("[data-copy]");
    const field = from && form.querySelector(from.dataset.copy);
    if (field) copy(field.value, field);
  });
}
