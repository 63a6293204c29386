// The list of cases: walking it by keys, the case beside it, and live updates that never make the page jump.
import { refreshCase } from "./case.js";
import { onVersion } from "./live.js";

const page = document.querySelector("[data-queue]");
const pane = document.getElementById("pane");
const isWide = () => matchMedia("(min-width: 1080px)").matches;
const list = () => document.getElementById("queue");
const rows = () => [...document.querySelectorAll(".row")];
const here = () => document.querySelector(".row.is-here");
const address = (row) => row.querySelector(".row-link").getAttribute("href");
let opening;

function mark(row) {
  for (const one of rows()) one.classList.toggle("is-here", one === row);
  row.scrollIntoView({ block: "nearest" });
  row.querySelector(".row-link").focus({ preventScroll: true });
}

function show(row, wait = 0) {
  mark(row);
  if (!isWide()) return;
  history.replaceState(null, "", `#${row.id}`);
  clearTimeout(opening);
  opening = setTimeout(() => htmx.ajax("GET", address(row), { target: "#pane", swap: "innerHTML" }), wait);
}

function step(by) {
  const all = rows();
  const at = all.indexOf(here());
  const next = all[Math.max(0, Math.min(all.length - 1, at + by))];
  if (next) show(next, 120);
}

document.addEventListener("otklik:key", (event) => {
  const row = here();
  const act = {
    j: () => step(1),
    k: () => step(-1),
    Enter: () => row && location.assign(address(row)),
    x: () => row?.querySelector(".pick")?.click(),
  }[event.detail.key];
  if (!act) {
    // On a narrow screen the case is a page of its own: its keys wait there.
    if (row && !isWide() && "trnase".includes(event.detail.key)) location.assign(address(row));
    return;
  }
  event.preventDefault();
  act();
});

page.addEventListener("click", (event) => {
  const link = event.target.closest(".row-link");
  if (!link || !isWide() || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  show(link.closest(".row"));
});

page.addEventListener("change", (event) => {
  if (event.target.matches(".pick")) count();
});

function count() {
  const place = document.querySelector("[data-count]");
  if (place) place.textContent = document.querySelectorAll(".pick:checked").length;
}

// --- live updates ---
const chip = () => document.querySelector("[data-fresh]");
const plural = new Intl.PluralRules(document.documentElement.lang);
let fresh;

const isAtTop = () => scrollY < 40 && (list().scrollTop ?? 0) < 40;
const ids = (root) => new Set([...root.querySelectorAll(".row")].map((row) => row.dataset.case));

async function look() {
  const answer = await fetch(location.pathname + location.search, { headers: { "HX-Request": "true" }, credentials: "same-origin" });
  if (answer.status === 401) return location.reload();
  if (!answer.ok) return undefined;
  const text = await answer.text();
  const found = new DOMParser().parseFromString(text, "text/html").getElementById("queue");
  if (!found) return undefined;
  fresh = found;
  const known = ids(list());
  const added = [...ids(found)].filter((id) => !known.has(id)).length;
  if (isAtTop() || added === 0) return apply();
  const words = JSON.parse(page.dataset.new);
  chip().textContent = (words[plural.select(added)] ?? words.other).replace("#", String(added));
  chip().hidden = false;
  return undefined;
}

function apply() {
  if (!fresh) return;
  const chosen = new Set([...document.querySelectorAll(".pick:checked")].map((box) => box.value));
  const current = here()?.id;
  const focused = document.activeElement?.closest?.(".row")?.id;
  Idiomorph.morph(list(), fresh, { morphStyle: "outerHTML" });
  fresh = undefined;
  for (const box of document.querySelectorAll(".pick")) box.checked = chosen.has(box.value);
  const row = current && document.getElementById(current);
  if (row) row.classList.add("is-here");
  if (focused && document.activeElement === document.body) document.getElementById(focused)?.querySelector(".row-link").focus({ preventScroll: true });
  count();
}

page.addEventListener("click", (event) => {
  if (!event.target.closest("[data-fresh]")) return;
  apply();
  list().scrollTo({ top: 0 });
  scrollTo({ top: 0 });
});

onVersion(page.dataset, () => { look(); refreshCase(); });
setInterval(() => { if (!document.hidden) look(); }, 60_000); // the time left runs on even when nothing happens
document.body.addEventListener("otklik:changed", look);

document.querySelector(".list-tab[aria-current]")?.scrollIntoView({ inline: "nearest", block: "nearest" });
const asked = location.hash && document.querySelector(`.row${CSS.escape(location.hash).replace("\\#", "#")}`);
if (asked) show(asked);
else if (isWide() && rows().length) show(rows()[0]);
