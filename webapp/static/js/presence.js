// Tells colleagues who looks at a case and who writes there. Only what a person opened by an act of his counts, and
// what the stream brings is shown without asking for it.
import { refuse } from "./session.js";

const SETTLE = 400; // a case that one only walks past is not looked at
const STILL_HERE = 15_000;
const STOPPED_WRITING = 5_000;
const me = Number(document.body.dataset.person);
const pane = document.getElementById("pane");
let announced = null; // the address of the case that this reader is known to look at
let isWriting = false;
let settling;
let stopping;

const watched = () => document.querySelector("[data-watch]");
const isMeant = () =>
  !document.hidden && watched() && !(pane?.contains(watched()) && pane.dataset.opened !== "person");

function message(facts) {
  const body = new FormData();
  body.set("csrf_token", document.querySelector("meta[name=csrf]").content);
  for (const fact of facts) body.set(fact, "1");
  // The sign of what is new goes when its owner has seen the case as it was at this version.
  const version = watched()?.dataset.watch === announced && watched().dataset.caseVersion;
  if (version) body.set("version", version);
  return body;
}

async function say() {
  const address = announced;
  if (!address) return;
  try {
    const answer = await fetch(address, {
      method: "POST",
      body: message(isWriting ? ["is_writing"] : []),
      headers: { "HX-Request": "true" },
      credentials: "same-origin",
    });
    if (await refuse(answer)) return;
    if (answer.ok && watched()?.dataset.watch === address) watched().textContent = await answer.text();
  } catch {
    // Presence is a courtesy; the next round tries again.
  }
}

function leave() {
  if (announced) navigator.sendBeacon(announced, message(["is_leaving"]));
  announced = null;
  isWriting = false;
  clearTimeout(stopping);
}

function sit() {
  const now = isMeant() ? watched().dataset.watch : null;
  if (now === announced) return;
  leave();
  announced = now;
  say();
}

function soon() {
  clearTimeout(settling);
  const now = isMeant() ? watched().dataset.watch : null;
  if (announced && now !== announced) leave();
  settling = setTimeout(sit, SETTLE);
}

function stop() {
  if (!isWriting) return;
  isWriting = false;
  say();
}

document.addEventListener("input", (event) => {
  if (!event.target.matches("[data-composer] textarea")) return;
  clearTimeout(stopping);
  stopping = setTimeout(stop, STOPPED_WRITING);
  if (isWriting) return;
  sit();
  isWriting = true;
  say();
});

document.addEventListener("otklik:presence", ({ detail }) => {
  const words = (one, where) =>
    (one.is_writing ? where.dataset.writes : where.dataset.looks).replace("#", one.name);
  const others = (id) => (detail[id] ?? []).filter((one) => one.id !== me);
  const here = watched();
  if (here)
    here.textContent = others(here.closest("[data-case]").dataset.case)
      .map((one) => words(one, here))
      .join(" · ");
  for (const one of document.querySelectorAll("[data-watched]")) {
    const names = others(one.dataset.watched)
      .map((who) => who.name)
      .join(", ");
    if (one.textContent.trim() !== names) one.textContent = names;
  }
});

if (pane) new MutationObserver(soon).observe(pane, { attributeFilter: ["data-opened"] });
document.body.addEventListener("htmx:afterSettle", soon);
document.addEventListener("visibilitychange", soon);
addEventListener("pagehide", leave);
setInterval(() => {
  if (isMeant()) say();
}, STILL_HERE);
soon();
