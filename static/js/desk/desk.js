// The desk with scripts. Each part does without the others, and the form works without any.

import { acting } from "./acts.js";
import { autosaving } from "./autosave.js";
import { copying } from "./copy.js";
import { counting } from "./counts.js";
import { growing } from "./grow.js";
import { keeping } from "./keep.js";
import { beginning } from "./lines.js";
import { linking } from "./links.js";
import { pasting } from "./paste.js";
import { pictures } from "./pictures.js";
import { presence } from "./presence.js";
import { previewing } from "./preview.js";
import { toolbar } from "./toolbar.js";
import { zoned } from "./zones.js";

function start(form) {
  // What a browser would put back into the form after a step back or a crash is offered instead.
  form.autocomplete = "off";
  document.body.classList.add("scripts");
  const kept = keeping(form);
  const saving = autosaving(form, kept);
  const save = acting(form, kept, saving);
  const pictured = pictures(form);
  // Before the toolbar: its list takes Enter first.
  const links = linking(form);
  toolbar(form, { picture: pictured.choose, links, save });
  pasting(form, pictured.add);
  copying(form);
  growing(form.elements.body);
  beginning(form.elements.body);
  const counts = counting(form);
  counts.leadTo(previewing(form, counts.found).go);
  presence(form);
  zoned(form);
  kept.offer();
}

const form = document.getElementById("desk");
if (form) start(form);
