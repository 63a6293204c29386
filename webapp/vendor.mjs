// Copies the few files that pages load from node_modules into static/vendor, which is not committed.
import { copyFileSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const modules = join(here, "..", "node_modules");
const vendor = join(here, "static", "vendor");

const files = {
  // Only the reset of Bootstrap is used: the look is our own.
  "bootstrap-reboot.min.css": "bootstrap/dist/css/bootstrap-reboot.min.css",
  "htmx.min.js": "htmx.org/dist/htmx.min.js",
  "idiomorph-ext.min.js": "idiomorph/dist/idiomorph-ext.min.js",
};

mkdirSync(vendor, { recursive: true });
for (const [name, source] of Object.entries(files)) {
  copyFileSync(join(modules, source), join(vendor, name));
}
