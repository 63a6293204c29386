// Tells when anything has happened to any case: over one stream, or by asking now and then where there are too many.
const ASK_EVERY = 10_000;

export function onVersion({ live, versionAddress, version }, look) {
  let known = Number(version);
  let stream = null;
  let asking = null;
  const hear = (found) => {
    if (found > known) {
      known = found;
      look();
    }
  };
  const leave = () => stream?.close();
  const listen = () => {
    leave();
    if (asking) return;
    stream = new EventSource(live);
    stream.addEventListener("version", (event) => hear(Number(event.data)));
    stream.addEventListener("presence", (event) => {
      document.dispatchEvent(new CustomEvent("otklik:presence", { detail: JSON.parse(event.data) }));
    });
    stream.addEventListener("error", (event) => {
      // A stream that was replaced or left on purpose says nothing more.
      if (event.target !== stream || document.hidden || stream.readyState !== EventSource.CLOSED) return;
      asking ??= setInterval(() => ask(versionAddress, hear), ASK_EVERY);
    });
  };
  // A browser keeps six connections to one site: pages that nobody sees must not hold them all. The first line of a new
  // stream tells what was missed.
  document.addEventListener("visibilitychange", () => (document.hidden ? leave() : listen()));
  addEventListener("pagehide", leave);
  addEventListener("pageshow", (event) => event.persisted && listen());
  listen();
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
