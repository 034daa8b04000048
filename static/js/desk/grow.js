// Has the text's field be as high as the text, in browsers that cannot do so themselves.

export function growing(field) {
  if (CSS.supports("field-sizing", "content")) return;
  const fit = () => {
    const top = window.scrollY;
    field.style.height = "auto";
    field.style.height = `${field.scrollHeight + 2}px`;
    window.scrollTo({ top, behavior: "instant" });
  };
  field.addEventListener("input", fit);
  window.addEventListener("resize", fit);
  fit();
}
