// Dates are asked for only when the period is one's own, and on paper every definition stands open.
const form = document.querySelector(".numbers-form");
const period = form?.querySelector("select[name=period]");

function showDates() {
  for (const label of form.querySelectorAll(".custom-days")) label.hidden = period.value !== "custom";
}

if (form && period) {
  showDates();
  form.addEventListener("change", (event) => {
    if (event.target.name === "since" || event.target.name === "until") return;
    showDates();
    if (period.value !== "custom") form.requestSubmit();
  });
}

let opened = [];
addEventListener("beforeprint", () => {
  opened = [...document.querySelectorAll(".numbers .definition:not([open])")];
  for (const one of opened) one.open = true;
});
addEventListener("afterprint", () => {
  for (const one of opened) one.open = false;
});
