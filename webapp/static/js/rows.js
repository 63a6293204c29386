// The list of cases: which row is the current one, and walking from it. The list is one stop of the Tab key.
export const list = () => document.getElementById("queue");
export const rows = () => [...document.querySelectorAll(".row")];
export const here = () => rows().find((row) => row.dataset.case === current);
export const rowOf = (id) => document.getElementById(`case-${id}`);
export const address = (row) => row.querySelector(".row-link").getAttribute("href");
const link = (row) => row.querySelector(".row-link");
const ids = () => rows().map((row) => row.dataset.case);
let current = null;
let order = []; // as it was when the current row was last in it, so that a row that has gone has neighbours still

export function mark(row, { takesFocus = true } = {}) {
  current = row.dataset.case;
  settle();
  row.scrollIntoView({ block: "nearest" });
  if (takesFocus) link(row).focus({ preventScroll: true });
}

// After the list was made anew: the current row is shown as such, and is the list's stop.
export function settle() {
  const all = rows();
  const now = here();
  if (now) order = ids();
  const stop = now ?? all[at(1)] ?? all[0];
  for (const row of all) {
    row.classList.toggle("is-here", row === now);
    link(row).tabIndex = row === stop ? 0 : -1;
    const box = row.querySelector(".pick");
    if (box) box.tabIndex = -1;
  }
}

// Where the current row is or was: a row that has gone lies before the first of its followers that is left.
function at(by) {
  const all = ids();
  const index = all.indexOf(current);
  if (index >= 0 || current === null) return index;
  const follower = order.slice(order.indexOf(current) + 1).find((id) => all.includes(id));
  const position = follower ? all.indexOf(follower) : all.length;
  return by > 0 ? position - 1 : position;
}

export function neighbour(by) {
  const all = rows();
  return all[Math.max(0, Math.min(all.length - 1, at(by) + by))];
}

// Whom the reader goes on to after a step for these cases: the next that is left, else the one before.
export function following(gone) {
  const all = rows().filter((row) => !gone.includes(row.dataset.case));
  const known = ids().includes(current) ? ids() : order;
  const behind = known.slice(known.indexOf(current) + 1);
  return all.find((row) => behind.includes(row.dataset.case)) ?? all.at(-1);
}

export const hasFocus = () =>
  document.activeElement === document.body || document.activeElement?.closest?.(".row") !== null;

export function focusHere() {
  const row = here() ?? neighbour(0);
  if (row) link(row).focus({ preventScroll: true });
}
