// The composer: the draft is kept as one writes, the length left is counted as the site counts it. Without this script the form has a button for each of these.
import { fate, forget, forgetOld, nameOf, recall, remember, send } from "./drafts.js";
import { refuse } from "./session.js";

const KEEP_AFTER = 1500;
const form = () => document.querySelector("[data-composer]");
const written = () => form()?.querySelector("textarea");
let keeping;
let lastKept;
let flight = new AbortController();

const MEASURES = {
  bytes: (text) => new TextEncoder().encode(text).length,
  graphemes: (text) => [...new Intl.Segmenter().segment(text)].length,
  characters: (text) => [...text].length,
  utf16: (text) => text.length,
};
const LINK = /https?:\/\/\S+/g;

const left = (limit, text) =>
  limit.length -
  MEASURES[limit.unit](limit.link === null ? text : text.replace(LINK, "x".repeat(limit.link)));

function measure() {
  const counter = form()?.querySelector("[data-left]");
  if (!counter) return;
  const text = written().value;
  const limits = JSON.parse(counter.dataset.limits).map((limit) => ({ ...limit, left: left(limit, text) }));
  const tightest = limits.sort((one, two) => one.left - two.left)[0];
  const shown = tightest ? tightest.left : MEASURES.characters(text);
  counter.querySelector("b").textContent = shown.toLocaleString(document.documentElement.lang);
  if (tightest) counter.querySelector("span").textContent = tightest.words;
  counter.classList.toggle("is-over", Boolean(tightest) && shown < 0);
  counter.classList.toggle("is-near", Boolean(tightest) && shown >= 0 && shown < tightest.length * 0.1);
}

// Whether the desk has what stands in the field.
async function keep() {
  const now = form();
  if (!now || written().value === lastKept) return true;
  const text = written().value;
  const state = now.querySelector("[data-draft-state]");
  flight = new AbortController();
  send(now);
  try {
    const answer = await fetch(now.dataset.draft, {
      method: "POST",
      body: new FormData(now),
      headers: { "HX-Request": "true", "HX-Current-URL": location.href },
      credentials: "same-origin",
      signal: flight.signal,
    });
    if (await refuse(answer)) return say(state, state.dataset.over, true);
    if (!answer.ok) throw new Error(String(answer.status));
    settle(now, text, answer.headers.get("Otklik-Draft") ?? "");
    return say(state, await answer.text(), false);
  } catch (error) {
    if (error.name === "AbortError") return false;
    clearTimeout(keeping);
    keeping = setTimeout(keep, 5000);
    return say(state, state.dataset.failed, true);
  }
}

function say(state, words, isBad) {
  state.textContent = words;
  state.classList.toggle("is-over", isBad);
  return !isBad;
}

function settle(now, text, version) {
  lastKept = text;
  now.dataset.draftVersion = version;
  if (now.querySelector("textarea").value === text) forget(nameOf(now));
  else remember(now);
}

document.addEventListener("input", (event) => {
  if (event.target !== written()) return;
  changed();
});

function changed() {
  measure();
  remember(form(), { isSubmitted: false });
  clearTimeout(keeping);
  keeping = setTimeout(keep, KEEP_AFTER);
}

document.addEventListener("focusout", (event) => {
  if (event.target === written()) keep();
});

document.addEventListener("otklik:keep", ({ detail }) => {
  if (form()) detail.push(keep());
});

// What is being sent must not come back as a draft.
document.addEventListener(
  "submit",
  (event) => {
    if (event.target !== form()) return;
    clearTimeout(keeping);
    flight.abort();
    lastKept = written().value;
    if (recall(form())) remember(form(), { isSubmitted: true });
  },
  true,
);
document.body.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (!detail.elt.matches?.("[data-composer]")) return;
  if (detail.successful) forget(nameOf(detail.elt));
  else lastKept = null; // whether the desk has the text is not known
});
document.addEventListener("otklik:renewed", () => keep());

// A draft that has not been kept yet goes out with the page.
addEventListener("pagehide", () => {
  const now = form();
  if (!now || written().value === lastKept) return;
  send(now);
  navigator.sendBeacon(now.dataset.draft, new FormData(now));
});

function begin() {
  const now = form();
  if (!now || now.dataset.begun) return;
  now.dataset.begun = "1";
  lastKept = written().value;
  measure();
  bringBack(now);
}

// What was typed last, where the desk does not have it.
function bringBack(now) {
  const record = recall(now);
  if (!record) return;
  const todo = fate(now, record);
  if (todo === "forget") forget(nameOf(now));
  if (todo === "restore") restore(now, record);
  if (todo === "offer") now.querySelector("[data-typed-here]").hidden = false;
}

function restore(now, record) {
  now.closest("details")?.setAttribute("open", "");
  written().value = record.text;
  now.querySelector("[data-typed-here]").hidden = true;
  now.querySelector("[data-restored]").hidden = false;
  changed();
}

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-bring-back]")) return;
  restore(form(), recall(form()));
  written().focus();
});

document.body.addEventListener("htmx:afterSettle", begin);
document.body.addEventListener("otklik:fresh", begin);
document.body.addEventListener("htmx:beforeRequest", () => clearTimeout(keeping));
forgetOld();
begin();
