// The composer: the draft is kept as one writes, the length left is counted as the site counts it. Without this script the form has a button for each of these.
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
  measure();
  clearTimeout(keeping);
  keeping = setTimeout(keep, KEEP_AFTER);
});

document.addEventListener("focusout", (event) => {
  if (event.target === written()) keep();
});

document.addEventListener("otklik:keep", ({ detail }) => {
  if (form()) detail.push(keep());
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

function begin() {
  if (!form() || form().dataset.begun) return;
  form().dataset.begun = "1";
  lastKept = written().value;
  measure();
}

document.body.addEventListener("htmx:afterSettle", begin);
document.body.addEventListener("otklik:fresh", begin);
document.body.addEventListener("htmx:beforeRequest", () => clearTimeout(keeping));
begin();
