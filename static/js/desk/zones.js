// Says when an essay goes out by the clock of the person who reads it, where that is not the site's.

import { TIME, dated, sentence } from "./said.js";

// Returns how far a zone's clocks are ahead of UTC at a moment, in milliseconds.
function ahead(zone, at) {
  const shape = { timeZone: zone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric" };
  const clock = new Intl.DateTimeFormat("en", { ...shape, hour: "numeric", minute: "numeric" });
  const part = Object.fromEntries(clock.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  return Date.UTC(part.year, part.month - 1, part.day, part.hour, part.minute) - at;
}

// Returns the moment when a zone's clocks show this: of an hour they show twice, the first.
export function moment(zone, day, time) {
  const shown = Date.parse(`${day}T${time}Z`);
  if (Number.isNaN(shown)) return null;
  const [before, after] = [-864e5, 864e5].map((by) => shown - ahead(zone, shown + by));
  const earlier = Math.min(before, after);
  const fits = (at) => at + ahead(zone, at) === shown;
  return fits(earlier) ? earlier : Math.max(before, after);
}

const hour = (at) => dated(at, TIME);
const day = (at) => dated(at, { weekday: "long", day: "numeric", month: "long" });

export function zoned(form) {
  const { zone } = form.dataset;
  let bar;
  const differs = (at) => ahead(zone, at) !== -new Date(at).getTimezoneOffset() * 60000;

  function show() {
    bar = document.getElementById("bar"); // acts put another one in its place
    const state = bar.querySelector(".state");
    const due = Date.parse(state?.dataset.due);
    const here = state?.querySelector("[data-here]");
    if (due && differs(due) && !state.querySelector(".where")) {
      // The site wrote the sentence with this clock as well, without knowing what it shows.
      if (here) {
        here.innerHTML = here.nextElementSibling.innerHTML;
        here.querySelector(".where").textContent = hour(due);
      } else add(state.querySelector("p"), ` ${sentence("where", { time: hour(due) })}`, "span");
    }
    ask();
  }

  function ask() {
    const [date, time] = bar.querySelectorAll(".due input[name^=due_at]");
    if (!time) return;
    bar.querySelector(".where")?.remove();
    const at = date.value && time.value ? moment(zone, date.value, time.value.slice(0, 5)) : null;
    if (at !== null && differs(at)) {
      add(bar.querySelector(".state"), sentence("thatIs", { day: day(at), time: hour(at) }), "small");
    }
  }

  function add(place, text, kind) {
    place.append(Object.assign(document.createElement(kind), { className: "where", textContent: text }));
  }

  form.addEventListener("input", (event) => bar.contains(event.target) && ask());
  new MutationObserver(show).observe(form, { childList: true });
  form.addEventListener("saved", show);
  show();
}
