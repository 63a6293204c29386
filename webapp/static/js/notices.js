// What was said after a step: it stays while it has a way back, errors until they are hidden, the rest for a moment.
const STAYS = 10_000;
const UNDO_STAYS = 300_000; // as long as the server takes a step back
const region = document.getElementById("notices");
const seen = new WeakSet();

function watch() {
  for (const notice of region.querySelectorAll(".notice")) {
    if (seen.has(notice)) continue;
    seen.add(notice);
    const stays = notice.querySelector("[data-undo]") ? UNDO_STAYS : STAYS;
    if (!notice.classList.contains("notice-error")) setTimeout(() => hide(notice), stays);
  }
}

// Not while somebody points at it.
function hide(notice) {
  if (notice.matches(":hover, :focus-within")) setTimeout(() => hide(notice), STAYS);
  else notice.remove();
}

region.addEventListener("click", (event) => {
  event.target.closest("[data-dismiss]")?.closest(".notice").remove();
});
new MutationObserver(watch).observe(region, { childList: true });
watch();
