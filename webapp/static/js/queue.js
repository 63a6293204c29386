// The queue: rows by keys and by mouse, the case beside them, and the way on to the next row after a decision.
import { refreshCase } from "./case.js";
import { press } from "./keys.js";
import { onVersion } from "./live.js";
import { look, onApplied } from "./news.js";
import { choose, chosen, count, extend, toggle } from "./picks.js";
import {
  address,
  focusHere,
  following,
  hasFocus,
  here,
  mark,
  neighbour,
  rowOf,
  rows,
  settle,
} from "./rows.js";

const page = document.querySelector("[data-queue]");
const pane = document.getElementById("pane");
const isWide = () => matchMedia("(min-width: 1080px)").matches;
// Keys that act on the chosen rows while there are some.
const BULK_KEYS = "taseE";
let opening;
let hasGoneOn = false;

// `pane.dataset.opened` tells js/presence.js whether a person opened the case, or the page by itself.
function show(row, { wait = 0, by = "person" } = {}) {
  mark(row);
  if (!isWide()) return;
  pane.dataset.opened = by;
  history.replaceState(null, "", `#${row.id}`);
  clearTimeout(opening);
  opening = setTimeout(() => htmx.ajax("GET", address(row), { target: "#pane", swap: "innerHTML" }), wait);
}

function step(by) {
  const next = neighbour(by);
  if (next) show(next, { wait: 120 });
}

const ACTS = {
  j: () => step(1),
  k: () => step(-1),
  J: () => extend(1, () => step(1)),
  K: () => extend(-1, () => step(-1)),
  x: () => toggle(here(), false),
  X: () => toggle(here(), true),
};
// These act on a row only: on a link, a button or a field they mean what they mean everywhere.
const ON_ROWS = {
  ArrowDown: (isShifted) => ACTS[isShifted ? "J" : "j"](),
  ArrowUp: (isShifted) => ACTS[isShifted ? "K" : "k"](),
  Home: () => rows()[0] && show(rows()[0]),
  End: () => rows().at(-1) && show(rows().at(-1)),
  Enter: () => here() && location.assign(address(here())),
  " ": (isShifted) => toggle(here(), isShifted),
};

document.addEventListener("otklik:key", (event) => {
  const { key, target, isShifted } = event.detail;
  const isOnRow = Boolean(target.closest(".row"));
  let act = ACTS[key];
  if (ON_ROWS[key] && (isOnRow || (target === document.body && key !== " ")))
    act = () => ON_ROWS[key](isShifted);
  if (!act && BULK_KEYS.includes(key) && chosen().length) act = () => press(key, "data-bulk-key");
  // On a narrow screen the case is a page of its own: its keys wait there.
  if (!act && here() && !isWide() && "trnase".includes(key)) act = () => location.assign(address(here()));
  if (!act) return;
  event.preventDefault();
  act();
});

page.addEventListener("click", (event) => {
  const link = event.target.closest(".row-link");
  if (!link || !isWide() || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  show(link.closest(".row"));
});
for (const act of ["pointerdown", "keydown"])
  pane.addEventListener(act, () => {
    pane.dataset.opened = "person";
  });

// --- after a decision: the next row, which the server sends along ---
document.body.addEventListener("htmx:configRequest", (event) => {
  const form = event.detail.elt;
  const submitter = event.detail.triggeringEvent?.submitter;
  if (
    !pane.contains(form) ||
    !isWide() ||
    !(form.matches("[data-goes-on]") || submitter?.matches("[data-goes-on]"))
  )
    return;
  const next = following([here()?.dataset.case]);
  if (next && next !== here()) event.detail.parameters.next_case = next.dataset.case;
});

document.body.addEventListener("otklik:went", ({ detail }) => {
  const row = rowOf(detail.shown);
  pane.dataset.opened = "person";
  if (row && detail.shown !== detail.from) {
    mark(row, { takesFocus: false });
    hasGoneOn = true;
    history.replaceState(null, "", `#${row.id}`);
    pane.scrollTop = 0;
  }
  look([String(detail.from)]);
});

document.body.addEventListener("otklik:bulk", async ({ detail }) => {
  const done = detail.done.map(String);
  choose(chosen().filter((id) => !done.includes(id)));
  const next = done.includes(here()?.dataset.case) ? following(done) : here();
  await look(done);
  if (next && next !== here() && !here()) show(next);
  else focusHere();
});

document.body.addEventListener("otklik:undone", async ({ detail }) => {
  await look();
  if (detail.cases.length !== 1) return focusHere();
  const row = rowOf(detail.cases[0]);
  if (row) return show(row);
  if (isWide()) htmx.ajax("GET", `/cases/${detail.cases[0]}`, { target: "#pane", swap: "innerHTML" });
  return undefined;
});

// A form that was swapped away takes the focus with it: the row has it again. So it has after a step to the next case,
// where htmx would give it to the field of the same name.
document.body.addEventListener("htmx:afterSettle", () => {
  if (isWide() && (hasGoneOn || document.activeElement === document.body)) focusHere();
  hasGoneOn = false;
});

page.querySelector("[data-rows]")?.addEventListener("htmx:afterRequest", ({ target }) => {
  const isCompact = page.classList.toggle("is-compact");
  const button = target.querySelector("button");
  button.value = isCompact ? "normal" : "compact";
  button.setAttribute("aria-pressed", String(isCompact));
  here()?.scrollIntoView({ block: "nearest" });
});

onApplied(() => {
  settle();
  count();
  if (hasFocus()) focusHere();
});
onVersion(page.dataset, () => {
  look();
  refreshCase();
});
setInterval(() => {
  if (!document.hidden) look();
}, 60_000); // the time left runs on even when nothing happens

document.querySelector(".list-tab[aria-current]")?.scrollIntoView({ inline: "nearest", block: "nearest" });
const asked = location.hash && document.querySelector(`.row${CSS.escape(location.hash).replace("\\#", "#")}`);
settle();
if (asked) show(asked);
else if (isWide() && rows().length) show(rows()[0], { by: "page" });
