// The command bar: words narrow the list, arrows choose, Enter goes.
const dialog = (id) => document.getElementById(id);
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
    shown()
      .find((one) => one.getAttribute("aria-selected") === "true")
      ?.firstElementChild.click();
  }
});
// Before it is shown, and not after: "toggle" comes later than the first letters of a person who types fast.
dialog("commands")?.addEventListener("beforetoggle", () => {
  words.value = "";
  narrow();
});
