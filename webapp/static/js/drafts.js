// What was typed and has not reached the desk yet, kept in this browser for one person and case. It is forgotten as soon as
// the desk has it, and when he signs out. `base` is the version of the desk's draft that the text was typed over.
const PREFIX = "otklik:draft:";
const MOST_SENT = 20;
const KEPT_FOR = 14 * 24 * 3600 * 1000;

const field = (form) => form.querySelector("textarea");
export const nameOf = (form) => `${PREFIX}${document.body.dataset.person}:${form.dataset.ofCase}`;

// A browser may refuse to keep anything: then the desk's own draft is all there is.
function attempt(act) {
  try {
    return act(localStorage);
  } catch {
    return undefined;
  }
}

export function remember(form, facts = {}) {
  const record = {
    sent: [],
    ...recall(form),
    text: field(form).value,
    base: form.dataset.draftVersion,
    at: Date.now(),
    ...facts,
  };
  attempt((kept) => kept.setItem(nameOf(form), JSON.stringify(record)));
}

// This text is on its way to the desk: found there later, it is no change that somebody made elsewhere.
export function send(form) {
  const before = recall(form)?.sent ?? [];
  remember(form, { sent: [...before.slice(1 - MOST_SENT), short(field(form).value)] });
}

function short(text) {
  let sum = 0;
  for (let at = 0; at < text.length; at += 1) sum = (Math.imul(sum, 31) + text.charCodeAt(at)) | 0;
  return `${text.length}:${sum}`;
}

export function recall(form) {
  return attempt((kept) => JSON.parse(kept.getItem(nameOf(form)))) ?? null;
}

export function forget(name) {
  attempt((kept) => kept.removeItem(name));
}

const names = () => attempt((kept) => Object.keys(kept).filter((name) => name.startsWith(PREFIX))) ?? [];

export function forgetAll() {
  names().forEach(forget);
}

export function forgetOld() {
  for (const name of names()) {
    const at = attempt((kept) => JSON.parse(kept.getItem(name)).at);
    if (!(at > Date.now() - KEPT_FOR)) forget(name);
  }
}

// What to do with the record on a page that the desk has just made: "forget" it, "restore" it, or "offer" it where the
// desk's draft has been changed elsewhere.
export function fate(form, record) {
  const text = field(form).value;
  if (record.text === text) return form.dataset.draftVersion ? "forget" : "leave";
  if (record.isSubmitted && isSaid(record.text)) return "forget";
  return record.base === form.dataset.draftVersion || record.sent.includes(short(text)) ? "restore" : "offer";
}

function isSaid(text) {
  const said = [...document.querySelectorAll(".said-reply .said-text")].map((one) => one.textContent.trim());
  return said.includes(text.trim());
}
