// Marks that scripts run, tells the server the reader's time zone, and closes menus as people expect.
document.documentElement.classList.add("has-script");

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (zone && !document.cookie.includes(`zone=${zone}`)) {
  document.cookie = `zone=${zone}; path=/; max-age=31536000; samesite=lax`;
}

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
  const opener = event.target.closest("[data-open]");
  if (opener) {
    opener.closest("details.menu")?.removeAttribute("open");
    document.getElementById(opener.dataset.open)?.showModal();
  }
  const copier = event.target.closest("[data-copy]");
  if (copier) copy(copier);
});

// What an earlier step was told says nothing of the next one.
document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.requestConfig.verb !== "get") document.getElementById("notices")?.replaceChildren();
});

// A form marked with data-auto sends itself when a choice in it changes; its button is for those without scripts.
document.addEventListener("change", (event) => {
  if (event.target.matches("form[data-auto] select")) event.target.form.requestSubmit();
});

async function copy(button) {
  const source = document.querySelector(button.dataset.copy);
  try {
    await navigator.clipboard.writeText(source.value ?? source.textContent);
  } catch {
    // Without https the clipboard is closed to scripts: select the text, so that Ctrl+C takes it.
    source.focus();
    source.select?.();
    return;
  }
  const label = button.querySelector("span");
  const before = label.textContent;
  label.textContent = button.dataset.done;
  setTimeout(() => { label.textContent = before; }, 2000);
}
