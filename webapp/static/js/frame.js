// Marks that scripts run, tells the server the reader's time zone, opens dialogs, copies.
// Pages load entries, which no other module imports: under two addresses a module would run twice.
import "./commands.js";
import { forgetAll } from "./drafts.js";
import "./keys.js";
import "./menus.js";
import "./notices.js";
import "./session.js";

document.documentElement.classList.add("has-script");

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (zone && !document.cookie.includes(`zone=${zone}`)) {
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not in every browser that we serve
  document.cookie = `zone=${zone}; path=/; max-age=31536000; samesite=lax`;
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-open]");
  if (opener && opener.dataset.open !== "keys") document.getElementById(opener.dataset.open)?.showModal();
  opener?.closest("details.menu")?.removeAttribute("open");
  const copier = event.target.closest("[data-copy]");
  if (!copier) return;
  event.preventDefault();
  copy(copier);
});

// What an earlier step was told says nothing of the next one. The notice whose own form is sent stays: htmx answers
// nothing to a form that is no longer on the page.
document.addEventListener("htmx:beforeRequest", ({ detail }) => {
  if (detail.requestConfig.verb === "get") return;
  for (const notice of document.querySelectorAll("#notices > .notice")) {
    if (!notice.contains(detail.elt)) notice.remove();
  }
});

// A form marked with data-auto sends itself when a choice in it changes; its button is for those without scripts.
document.addEventListener("change", (event) => {
  if (event.target.matches("form[data-auto] select")) event.target.form.requestSubmit();
});

// Whoever signs out leaves no text in this browser; what is being written goes to the desk first.
document.addEventListener("submit", async (event) => {
  if (!event.target.matches("[data-sign-out]")) return;
  event.preventDefault();
  const waits = [];
  document.dispatchEvent(new CustomEvent("otklik:keep", { detail: waits }));
  const kept = await Promise.all(waits);
  if (!kept.includes(false)) forgetAll();
  event.target.submit();
});

// A link that copies opens its page afterwards: one press for both.
async function copy(button) {
  const source = document.querySelector(button.dataset.copy);
  const isCopied = await put(source);
  if (button.href) window.open(button.href, "_blank", "noopener,noreferrer");
  if (!isCopied) return;
  const label = button.querySelector("span");
  const before = label.textContent;
  label.textContent = button.dataset.done;
  setTimeout(() => {
    label.textContent = before;
  }, 2000);
}

async function put(source) {
  try {
    await navigator.clipboard.writeText(source.value ?? source.textContent);
    return true;
  } catch {
    // Without https the clipboard is closed to scripts, but not to the command; the text stays selected for Ctrl+C.
    source.focus();
    source.select?.();
    return document.execCommand("copy");
  }
}
