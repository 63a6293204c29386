// The keyboard: single letters outside fields (a person may turn them off), the sheet of keys, the command bar.
const isOn = document.body.dataset.keys !== "0";
const dialog = (id) => document.getElementById(id);
const isTyping = (target) => target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]") !== null;

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.code === "KeyK") {
    event.preventDefault();
    dialog("commands").showModal();
    return;
  }
  if (event.key === "Escape" && isTyping(event.target) && !event.target.closest("dialog")) event.target.blur();
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  if (document.querySelector("dialog[open]")) return;
  if (event.key === "?") dialog("keys").showModal();
  else if (isOn && !actOn(event)) return;
  event.preventDefault();
});

// Letters are read from their place on the keyboard, so that they work with a Russian layout too.
function actOn(event) {
  const key = /^Key[A-Z]$/.test(event.code) ? event.code[3].toLowerCase() : event.key;
  if (event.key === "/" || event.code === "Slash") return focusOn("[data-search]");
  const message = new CustomEvent("otklik:key", { detail: { key }, cancelable: true });
  if (!document.dispatchEvent(message)) return true;
  return press(key);
}

function focusOn(selector) {
  const field = document.querySelector(selector);
  field?.focus();
  field?.select?.();
  return Boolean(field);
}

// A control names its key; a menu opens, a field gets the caret, a button is pressed.
export function press(key) {
  const all = [...document.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)];
  const control = all.find((one) => one.offsetParent !== null) ?? all.find((one) => one.closest("details:not([open])"));
  if (!control) return false;
  if (control.matches("summary")) {
    control.parentElement.open = !control.parentElement.open;
    control.parentElement.querySelector("textarea, select, input:not([type=hidden]), button:not(summary)")?.focus();
  } else if (control.matches("textarea, input")) {
    control.closest("details:not([open])")?.setAttribute("open", "");
    control.focus();
  } else control.click();
  return true;
}

const words = dialog("command-words");
const options = () => [...document.querySelectorAll("#command-list > li")];
const shown = () => options().filter((one) => !one.hidden);

function choose(step) {
  const all = shown();
  if (!all.length) return;
  const at = all.findIndex((one) => one.getAttribute("aria-selected") === "true");
  const next = all[(at + step + all.length) % all.length] ?? all[0];
  for (const one of all) one.setAttribute("aria-selected", String(one === next));
  next.scrollIntoView({ block: "nearest" });
}

function narrow() {
  const wanted = words.value.trim().toLowerCase().split(/\s+/);
  for (const one of options()) {
    const text = one.textContent.toLowerCase();
    one.hidden = !wanted.every((word) => text.includes(word));
    one.setAttribute("aria-selected", "false");
  }
  dialog("command-none").hidden = shown().length > 0;
  choose(1);
}

words?.addEventListener("input", narrow);
words?.addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) {
    event.preventDefault();
    choose(step);
  } else if (event.key === "Enter") {
    event.preventDefault();
    shown().find((one) => one.getAttribute("aria-selected") === "true")?.firstElementChild.click();
  }
});
dialog("commands")?.addEventListener("toggle", () => { words.value = ""; narrow(); });
