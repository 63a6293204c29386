// Keeps an open case up to date: thread, state and side are fetched anew; what somebody writes or has opened stays.
import { onVersion } from "./live.js";
import { refuse } from "./session.js";

const PARTS = [".thread", ".case-state", ".case-side"];
const isWriting = (root) => {
  const field = root.querySelector("[data-composer] textarea");
  return Boolean(field) && (field === document.activeElement || field.value !== field.defaultValue);
};

export async function refreshCase() {
  const here = document.getElementById("case");
  if (!here) return;
  // The page shows a colleague's answer beside a draft that the server knows of.
  const waits = [];
  document.dispatchEvent(new CustomEvent("otklik:keep", { detail: waits }));
  await Promise.all(waits);
  const answer = await fetch(here.dataset.address, {
    headers: { "HX-Request": "true" },
    credentials: "same-origin",
  });
  if ((await refuse(answer)) || !answer.ok || !here.isConnected) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("case");
  if (!fresh || document.getElementById("case") !== here) return;
  if (states(here) !== states(fresh)) forgetWhatWasSaid(here);
  // An answer that is being corrected stands among what was said: then that waits until the form is closed.
  const isCorrecting = here.querySelector(".thread [data-corrects][open]");
  for (const part of PARTS)
    if (part !== ".thread" || !isCorrecting) bring(here.querySelector(part), fresh.querySelector(part));
  if (!here.querySelector(".case-steps details[open]"))
    bring(here.querySelector(".case-steps"), fresh.querySelector(".case-steps"));
  // While somebody writes, only what stands beside his text is brought up to date.
  const part = isWriting(here) ? "[data-beside]" : ".case-answer";
  bring(here.querySelector(part), fresh.querySelector(part));
  htmx.process(here);
  document.body.dispatchEvent(new CustomEvent("otklik:fresh"));
}

// "It is being sent" is no longer true once the answer has come somewhere.
const states = (root) => [...root.querySelectorAll("[data-state]")].map((one) => one.dataset.state).join();

function forgetWhatWasSaid(root) {
  for (const said of [...root.children, ...(document.getElementById("notices")?.children ?? [])]) {
    if (said.matches(".notice-success") && !said.querySelector("[data-undo]")) said.remove();
  }
}

// Opened disclosures stay open: the server knows nothing of them.
function bring(old, fresh) {
  if (!old || !fresh || old.isEqualNode(fresh)) return;
  for (const one of old.querySelectorAll("details[open]:not(.why)")) {
    const name = one.querySelector("summary")?.textContent;
    const twin = [...fresh.querySelectorAll("details")].find(
      (two) => two.querySelector("summary")?.textContent === name,
    );
    if (twin) twin.open = true;
  }
  for (const one of old.querySelectorAll("details.why[open]")) {
    const twin = fresh.querySelector(`details.why[data-why="${one.dataset.why}"]`);
    if (!twin) continue;
    twin.open = true;
    // What was fetched into it stays as well.
    twin
      .querySelector(".why-body")
      .replaceChildren(...one.querySelector(".why-body").cloneNode(true).childNodes);
  }
  Idiomorph.morph(old, fresh, { morphStyle: "outerHTML" });
}

const own = document.querySelector("main > #case[data-live]");
if (own) onVersion(own.dataset, refreshCase);
