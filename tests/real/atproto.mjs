// A server of Bluesky's protocol and its directory, in memory and on loopback, with a brand and a customer.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const found = createRequire(`${process.argv[2]}/`).resolve("@atproto/dev-env");
const { TestNetworkNoAppView } = await import(pathToFileURL(found));
const network = await TestNetworkNoAppView.create({ pds: {}, plc: {} });
const people = network.getSeedClient();
for (const name of ["brand", "anna"]) {
  const account = { email: `${name}@shop.example`, handle: `${name}.test`, password: `only-for-${name}` };
  await people.createAccount(name, account);
}
const post = await people.post(people.dids.anna, "Чайник Заря течёт");
const reply = await people.reply(people.dids.anna, post.ref, post.ref, "И шумит");
const told = { url: network.pds.url, did: people.dids.brand, post: post.ref.raw, reply: reply.ref.raw };
process.stdout.write(`${JSON.stringify(told)}\n`);
process.on("SIGTERM", async () => {
  await network.close();
  process.exit(0);
});
