// Menus and groups of choices: arrows, Home and End walk them, digits choose, Escape closes and gives the focus back.
const isText = (target) => target.matches?.("textarea, select, input:not([type=checkbox], [type=radio])");
const ITEMS = "a[href], button:not(:disabled), input:not([type=hidden]), select, textarea, summary";
const cameFrom = new WeakMap();

const inside = (menu) =>
  [
    ...menu.querySelectorAll(`:scope > :not(summary) :is(${ITEMS}), :scope > :is(${ITEMS}):not(summary)`),
  ].filter((one) => one.offsetParent !== null);
const openMenu = (target) =>
  target.closest?.("details.menu[open]") ?? document.querySelector("details.menu[open]");

export function open(menu) {
  cameFrom.set(menu, document.activeElement);
  menu.open = true;
  const first =
    menu.querySelector("input[type=radio]:checked, .menu-item:not(:disabled), input[type=radio]") ??
    inside(menu)[0];
  (first?.matches("label") ? first.querySelector("input") : first)?.focus();
}

export function close(menu) {
  menu.open = false;
  const before = cameFrom.get(menu);
  if (before?.isConnected && before !== document.body) before.focus({ preventScroll: true });
  else menu.querySelector("summary").focus({ preventScroll: true });
}

function walk(all, key) {
  const at = all.indexOf(document.activeElement);
  const next = {
    ArrowDown: at + 1,
    ArrowRight: at + 1,
    ArrowUp: at < 0 ? -1 : at - 1,
    ArrowLeft: at - 1,
    Home: 0,
    End: -1,
  }[key];
  all.at(next >= all.length ? 0 : next)?.focus();
}

// The digit stands on the choice itself; of a group of radios it goes on to the note.
function choose(root, digit) {
  const mark = [...root.querySelectorAll(`[data-digit="${digit}"]`)].find((one) => one.offsetParent !== null);
  const item = mark?.closest("label, button, a");
  if (!item || item.disabled) return Boolean(item);
  item.click();
  if (item.matches("label")) toNote(item);
  return true;
}

const toNote = (label) => label.closest("form").querySelector("textarea")?.focus();

function press(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return false;
  const group = event.target.closest?.(".tags[data-key]");
  const menu = openMenu(event.target);
  if (event.key === "Escape") {
    if (menu) close(menu);
    else if (group) leave(group);
    return Boolean(menu ?? group);
  }
  const root = group ?? menu;
  if (!root || isText(event.target)) return false;
  if (/^[1-9]$/.test(event.key)) return choose(root, event.key);
  if (group && /^(Arrow(Left|Right)|Home|End)$/.test(event.key))
    return walk([...group.querySelectorAll("button:not(:disabled)")], event.key) ?? true;
  const isArrow = /^Arrow(Up|Down)$/.test(event.key) && !event.target.matches("input[type=radio]");
  if (menu?.contains(event.target) && (isArrow || /^(Home|End)$/.test(event.key)))
    return walk(inside(menu), event.key) ?? true;
  return false;
}

document.addEventListener(
  "keydown",
  (event) => {
    if (!press(event)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  },
  true,
);

// --- groups of tags ---
const groupCameFrom = new WeakMap();

export function enter(group) {
  groupCameFrom.set(group, document.activeElement);
  group.querySelector("button:not(:disabled)")?.focus();
}

function leave(group) {
  const before = groupCameFrom.get(group);
  if (before?.isConnected) before.focus({ preventScroll: true });
  else document.activeElement.blur();
}

// --- by mouse ---
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
document.addEventListener("pointerup", (event) => {
  const label = event.target.closest?.("label.menu-item");
  if (label) setTimeout(() => toNote(label));
});

// A menu that would leave the window turns to the other side; one that the focus has left is closed.
document.addEventListener(
  "toggle",
  (event) => {
    const menu = event.target;
    if (!menu.matches?.("details.menu")) return;
    menu.classList.remove("is-turned");
    if (!menu.open) return;
    const body = menu.querySelector(":scope > :not(summary)");
    if (body && body.getBoundingClientRect().right > document.documentElement.clientWidth - 4)
      menu.classList.add("is-turned");
  },
  true,
);
document.addEventListener("focusout", (event) => {
  const menu = event.target.closest?.("details.menu[open]");
  const next = event.relatedTarget;
  // A press on a label or on an empty place gives the focus to whatever surrounds the menu: that is not leaving it.
  if (menu && next && !menu.contains(next) && !next.contains(menu)) menu.open = false;
});
