// The composer: the draft is kept as one writes, the length left is counted as the site counts it, and colleagues
// see that somebody is writing. Without this script the form has a button for each of these.
const KEEP_AFTER = 1500;
const WATCH_EVERY = 15_000;
const token = document.querySelector("meta[name=csrf]").content;
const form = () => document.querySelector("[data-composer]");
const written = () => form()?.querySelector("textarea");
let keeping;
let lastKept;
let wroteAt = 0;
let flight = new AbortController();

const MEASURES = {
  bytes: (text) => new TextEncoder().encode(text).length,
  graphemes: (text) => [...new Intl.Segmenter().segment(text)].length,
  characters: (text) => [...text].length,
  utf16: (text) => text.length,
};
const LINK = /https?:\/\/\S+/g;

const left = (limit, text) =>
  limit.length - MEASURES[limit.unit](limit.link === null ? text : text.replace(LINK, "x".repeat(limit.link)));

function measure() {
  const place = form()?.querySelector("[data-left]");
  if (!place) return;
  const text = written().value;
  const limits = JSON.parse(place.dataset.limits).map((limit) => ({ ...limit, left: left(limit, text) }));
  const tightest = limits.sort((one, two) => one.left - two.left)[0];
  const shown = tightest ? tightest.left : MEASURES.characters(text);
  place.querySelector("b").textContent = shown.toLocaleString(document.documentElement.lang);
  if (tightest) place.querySelector("span").textContent = tightest.words;
  place.classList.toggle("is-over", Boolean(tightest) && shown < 0);
  place.classList.toggle("is-near", Boolean(tightest) && shown >= 0 && shown < tightest.length * 0.1);
}

async function keep() {
  const now = form();
  if (!now || written().value === lastKept) return;
  const text = written().value;
  const state = now.querySelector("[data-draft-state]");
  const body = new FormData(now);
  flight = new AbortController();
  try {
    const answer = await fetch(now.dataset.draft, {
      method: "POST", body, headers: { "HX-Request": "true" }, credentials: "same-origin", signal: flight.signal,
    });
    if (!answer.ok) throw new Error(String(answer.status));
    lastKept = text;
    state.textContent = await answer.text();
    state.classList.remove("is-over");
  } catch (error) {
    if (error.name === "AbortError") return;
    state.textContent = state.dataset.failed;
    state.classList.add("is-over");
    clearTimeout(keeping);
    keeping = setTimeout(keep, 5000);
  }
}

document.addEventListener("input", (event) => {
  if (event.target !== written()) return;
  wroteAt = Date.now();
  measure();
  clearTimeout(keeping);
  keeping = setTimeout(keep, KEEP_AFTER);
});

document.addEventListener("focusout", (event) => {
  if (event.target === written()) keep();
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.closest("form")) {
    event.preventDefault();
    const main = event.target.closest("form").querySelector(".button-primary");
    main?.click();
  }
});

// What is being sent must not come back as a draft.
document.addEventListener("submit", (event) => {
  if (event.target !== form()) return;
  clearTimeout(keeping);
  flight.abort();
  lastKept = written().value;
}, true);

// A draft that has not been kept yet goes out with the page.
addEventListener("pagehide", () => {
  const now = form();
  if (now && written().value !== lastKept) navigator.sendBeacon(now.dataset.draft, new FormData(now));
});

async function watch() {
  const place = document.querySelector("[data-watch]");
  if (!place || document.hidden) return;
  const body = new FormData();
  body.set("csrf_token", token);
  if (place.dataset.caseVersion) body.set("version", place.dataset.caseVersion);
  if (Date.now() - wroteAt < WATCH_EVERY * 2) body.set("is_writing", "1");
  try {
    const answer = await fetch(place.dataset.watch, { method: "POST", body, headers: { "HX-Request": "true" }, credentials: "same-origin" });
    if (answer.ok) place.textContent = await answer.text();
  } catch {
    // Presence is a courtesy; the next round tries again.
  }
}

function begin() {
  if (!form() || form().dataset.begun) return;
  form().dataset.begun = "1";
  lastKept = written().value;
  measure();
}

document.body.addEventListener("htmx:afterSettle", () => { begin(); watch(); });
document.body.addEventListener("otklik:fresh", begin);
document.body.addEventListener("htmx:beforeRequest", () => clearTimeout(keeping));
begin();
watch();
setInterval(watch, WATCH_EVERY);
