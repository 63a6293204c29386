// Live updates of the list that never make it jump: rows come in at once where the reader is at the top, else on a chip.
import { choose, chosen } from "./picks.js";
import { list, rowOf } from "./rows.js";
import { refuse } from "./session.js";

const page = document.querySelector("[data-queue]");
const chip = () => document.querySelector("[data-fresh]");
const plural = new Intl.PluralRules(document.documentElement.lang);
const ids = (root) => new Set([...root.querySelectorAll(".row")].map((row) => row.dataset.case));
const isAtTop = () => scrollY < 40 && (list().scrollTop ?? 0) < 40;
const applied = [];
let fresh;

export const onApplied = (act) => applied.push(act);

// `decided`: cases that the reader has just acted on; where they left the list they leave it at once.
export async function look(decided = []) {
  const answer = await fetch(location.pathname + location.search, {
    headers: { "HX-Request": "true" },
    credentials: "same-origin",
  });
  if ((await refuse(answer)) || !answer.ok) return undefined;
  const found = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (!found.getElementById("queue")) return undefined;
  fresh = found;
  const known = ids(list());
  const now = ids(found);
  const added = [...now].filter((id) => !known.has(id)).length;
  if (isAtTop() || added === 0) return apply();
  Idiomorph.morph(document.getElementById("tabs"), found.getElementById("tabs").cloneNode(true), {
    morphStyle: "outerHTML",
  });
  for (const id of decided) if (!now.has(id)) rowOf(id)?.remove();
  const words = JSON.parse(page.dataset.new);
  chip().textContent = (words[plural.select(added)] ?? words.other).replace("#", String(added));
  chip().hidden = false;
  for (const act of applied) act();
  return undefined;
}

function apply() {
  if (!fresh) return;
  const kept = chosen();
  const scrolled = list().scrollTop;
  for (const part of ["tabs", "queue"])
    Idiomorph.morph(document.getElementById(part), fresh.getElementById(part), { morphStyle: "outerHTML" });
  fresh = undefined;
  list().scrollTop = scrolled;
  choose(kept);
  for (const act of applied) act();
}

page.addEventListener("click", (event) => {
  if (!event.target.closest("[data-fresh]")) return;
  apply();
  list().scrollTo({ top: 0 });
  scrollTo({ top: 0 });
});
