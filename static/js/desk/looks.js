// How the preview is looked at: light or dark whatever the device says, and as wide as a phone.
// No rule is written: those that ask for a scheme are made to hold always or never.

const SCHEME = /\(\s*prefers-color-scheme\s*:\s*(dark|light)\s*\)/;

export function looks(frame, place) {
  const meant = new WeakMap(); // what each rule asked for
  let scheme = "";

  function* rulesOf(list) {
    for (const rule of list) {
      if (rule.media) yield rule;
      if (rule.cssRules?.length) yield* rulesOf(rule.cssRules);
    }
  }

  function apply() {
    const page = frame.contentDocument;
    if (!page) return;
    page.documentElement.style.colorScheme = scheme;
    for (const sheet of [...page.styleSheets, ...page.adoptedStyleSheets]) {
      for (const rule of rulesOf(sheet.cssRules)) {
        if (!meant.has(rule)) meant.set(rule, rule.media.mediaText);
        const asked = meant.get(rule);
        const [whole, named] = asked.match(SCHEME) ?? [];
        if (!whole) continue;
        const holds = named === scheme ? "(min-width: 0)" : "(max-width: 0)";
        rule.media.mediaText = scheme ? asked.replace(whole, holds) : asked;
      }
    }
  }

  place.querySelector(".looks").hidden = false;
  for (const button of place.querySelectorAll("[data-look]")) {
    button.addEventListener("click", () => {
      const { look } = button.dataset;
      const isOn = button.getAttribute("aria-pressed") !== "true";
      if (look === "phone") place.classList.toggle("phone", isOn);
      else scheme = isOn ? look : "";
      for (const one of place.querySelectorAll("[data-look]")) {
        const is = one.dataset.look === "phone" ? place.classList.contains("phone") : one.dataset.look === scheme;
        one.setAttribute("aria-pressed", String(is));
      }
      apply();
    });
  }
  return { apply };
}
