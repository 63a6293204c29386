// The keyboard: single letters outside fields (a person may turn them off), chords in forms, the sheet of keys.
import { close, enter, open } from "./menus.js";

const isOn = document.body.dataset.keys !== "0";
const dialog = (id) => document.getElementById(id);
const isTyping = (target) =>
  target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]") !== null;
const isVisible = (one) => one.offsetParent !== null;

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented) return;
  if (event.ctrlKey || event.metaKey) {
    if (chord(event)) event.preventDefault();
    return;
  }
  if (event.key === "Escape" && isTyping(event.target) && !event.target.closest("dialog"))
    event.target.blur();
  if (event.altKey || isTyping(event.target) || document.querySelector("dialog[open]")) return;
  if (event.key === "?") openSheet();
  else if (!actOn(event)) return;
  event.preventDefault();
});

function chord(event) {
  if (event.code === "KeyK") return dialog("commands").showModal() ?? true;
  if (event.code === "KeyZ" && !event.shiftKey && !isTyping(event.target)) return press("z");
  if (event.key !== "Enter" || !event.target.closest("form")) return false;
  const form = event.target.closest("form");
  const name = event.shiftKey ? "Control+Shift+Enter" : "Control+Enter";
  const control =
    form.querySelector(`[data-chord="${name}"]`) ??
    (event.shiftKey ? null : form.querySelector(".button-primary"));
  control?.click();
  return Boolean(control);
}

// Letters are read from their place on the keyboard, so that they work with a Russian layout too. What is not a letter
// goes to the list alone, and works with letters turned off.
function actOn(event) {
  const isLetter = /^Key[A-Z]$/.test(event.code);
  if (isOn && (event.key === "/" || (event.code === "Slash" && !event.shiftKey)))
    return focusOn("[data-search]");
  if (isLetter && !isOn) return false;
  const letter = isLetter && event.code[3];
  const key = isLetter ? (event.shiftKey ? letter : letter.toLowerCase()) : event.key;
  const message = new CustomEvent("otklik:key", {
    detail: { key, target: event.target, isShifted: event.shiftKey },
    cancelable: true,
  });
  if (!document.dispatchEvent(message)) return true;
  return isLetter && press(key);
}

function focusOn(selector) {
  const field = document.querySelector(selector);
  field?.focus();
  field?.select?.();
  return Boolean(field);
}

// A control names its key; a menu opens, a group or a field gets the focus, a button is pressed.
export function press(key, attribute = "data-key") {
  const all = [...document.querySelectorAll(`[${attribute}="${CSS.escape(key)}"]`)];
  const control = all.find(isVisible) ?? all.find((one) => one.closest("details:not([open])"));
  if (!control) return false;
  if (control.matches("summary")) {
    const menu = control.parentElement;
    if (menu.open) close(menu);
    else open(menu);
  } else if (control.matches(".tags")) enter(control);
  else if (control.matches("textarea, input")) write(control);
  else control.click();
  return true;
}

function write(field) {
  field.closest("details:not([open])")?.setAttribute("open", "");
  field.focus();
  field.setSelectionRange(field.value.length, field.value.length);
  field.scrollTop = field.scrollHeight;
}

// The sheet says what Ctrl+Enter does in the form that is on the page.
function openSheet() {
  for (const line of document.querySelectorAll("[data-says-chord]")) {
    const control = document.querySelector(`[data-chord="${line.dataset.saysChord}"]`);
    line.dataset.usual ??= line.textContent;
    line.textContent = control?.textContent.trim() || line.dataset.usual;
  }
  dialog("keys").showModal();
}

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-open=keys]")) openSheet();
});
