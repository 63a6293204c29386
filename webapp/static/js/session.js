// The session is over, or newer than this page. It is said where the reader is, without leaving what he has typed; when he
// comes back from signing in, the page takes up the new session.
let isOver = false;
let renewing = null;

const region = () => document.getElementById("notices");
const told = () => document.querySelector("[data-session-told]");

// Whether this answer of the desk is such a refusal.
export async function refuse(answer) {
  const state = answer.headers.get("Otklik-Session");
  if (!state) return false;
  const words = await answer.text();
  if (words && !told()) region().innerHTML = words;
  hear(state);
  return true;
}

function hear(state) {
  isOver = true;
  if (state === "stale") renew();
}

function renew() {
  renewing ??= ask().finally(() => {
    renewing = null;
  });
  return renewing;
}

async function ask() {
  const answer = await fetch(location.href, { credentials: "same-origin" }).catch(() => null);
  if (!answer?.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const { person } = page.body.dataset;
  if (!person) return;
  if (person !== document.body.dataset.person) {
    location.reload(); // somebody else has signed in here
    return;
  }
  take(page.querySelector("meta[name=csrf]").content);
  isOver = false;
  told()?.remove();
  document.dispatchEvent(new CustomEvent("otklik:renewed"));
}

function take(token) {
  document.querySelector("meta[name=csrf]").content = token;
  document.body.setAttribute("hx-headers", JSON.stringify({ "X-CSRFToken": token }));
  for (const field of document.querySelectorAll("input[name=csrf_token]")) field.value = token;
}

const comeBack = () => {
  if (isOver && !document.hidden) renew();
};
addEventListener("focus", comeBack);
document.addEventListener("visibilitychange", comeBack);

document.body.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const state = detail.xhr.getResponseHeader("Otklik-Session");
  if (!state) return;
  if (isOver && told()) detail.shouldSwap = false;
  hear(state);
});
