// Choosing rows: one by one, a range with Shift, all that are shown.
import { here, neighbour, rows } from "./rows.js";

const box = (row) => row.querySelector(".pick");
const all = () => document.querySelector("[data-pick-all]");
let anchor = null; // the case that a range begins at

export const chosen = () => [...document.querySelectorAll(".pick:checked")].map((one) => one.value);

export function choose(ids) {
  for (const row of rows()) if (box(row)) box(row).checked = ids.includes(row.dataset.case);
  count();
}

export function count() {
  const number = chosen().length;
  const counter = document.querySelector("[data-count]");
  if (counter) counter.textContent = number;
  if (!all()) return;
  all().checked = number > 0 && number === rows().length;
  all().indeterminate = number > 0 && number < rows().length;
}

function range(from, to, isChosen) {
  const shown = rows();
  const [first, last] = [shown.findIndex((row) => row.dataset.case === from), shown.indexOf(to)].sort(
    (a, b) => a - b,
  );
  for (const row of shown.slice(Math.max(0, first), last + 1)) box(row).checked = isChosen;
}

export function toggle(row, isRange) {
  if (!row || !box(row)) return;
  const isChosen = isRange || !box(row).checked;
  if (isRange && anchor) range(anchor, row, true);
  box(row).checked = isChosen;
  anchor = row.dataset.case;
  count();
}

// Shift with a step: both ends of the step are chosen.
export function extend(by, step) {
  const from = here();
  const to = neighbour(by);
  for (const row of [from, to]) if (row && box(row)) box(row).checked = true;
  anchor = to?.dataset.case ?? anchor;
  count();
  step();
}

document.addEventListener("click", (event) => {
  const target = event.target;
  if (target.matches?.(".pick")) {
    const row = target.closest(".row");
    if (event.shiftKey && anchor) range(anchor, row, target.checked);
    anchor = row.dataset.case;
    count();
  } else if (target.matches?.("[data-pick-all]"))
    choose(target.checked ? rows().map((row) => row.dataset.case) : []);
  else if (target.closest?.("[data-pick-none]")) choose([]);
});
