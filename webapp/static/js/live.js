// Tells when anything has happened to any case: over one stream, or by asking now and then where streams run out.
const ASK_EVERY = 10_000;

export function onVersion({ live, versionAddress, version }, look) {
  let known = Number(version);
  const hear = (found) => {
    if (found > known) {
      known = found;
      look();
    }
  };
  const stream = new EventSource(live);
  stream.addEventListener("version", (event) => hear(Number(event.data)));
  stream.addEventListener("presence", (event) => {
    document.dispatchEvent(new CustomEvent("otklik:presence", { detail: JSON.parse(event.data) }));
  });
  stream.addEventListener("error", () => {
    if (stream.readyState === EventSource.CLOSED) setInterval(() => ask(versionAddress, hear), ASK_EVERY);
  });
  addEventListener("pagehide", () => stream.close());
}

async function ask(address, hear) {
  if (document.hidden) return;
  try {
    const answer = await fetch(address, { credentials: "same-origin" });
    if (answer.ok) hear((await answer.json()).version);
  } catch {
    // No network for a moment: the next try tells.
  }
}
