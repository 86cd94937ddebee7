// Plays one scenario on the status page in a real Chromium: node browse.mjs CHROMIUM URL SCENARIO [TOKEN]
// Writes {"ask": WHAT} when the test is to change something, goes on at the next line of standard input, and ends with
// {"result": …}.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { chromium } from "playwright-core";

const [, , executablePath, url, scenario, token] = process.argv;
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const say = message => process.stdout.write(`${JSON.stringify(message)}\n`);
const ask = async what => {
  say({ ask: what });
  await lines.next();
};

const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
const context = await browser.newContext({ permissions: ["clipboard-read", "clipboard-write"] });
const page = await context.newPage();
page.setDefaultTimeout(120_000);
const complaints = [];
page.on("console", message => {
  if (message.type() === "error" && !/status of 401/.test(message.text())) complaints.push(message.text());
});
page.on("pageerror", error => complaints.push(String(error)));
page.on("dialog", dialog => {
  complaints.push(`a dialog: ${dialog.message()}`);
  dialog.dismiss();
});

const open = async () => {
  await page.goto(url);
  await page.waitForSelector("#state.live");
};
const shown = (text, inside = "#page") => page.locator(inside).getByText(text, { exact: false }).first().waitFor({ state: "attached" });
const rows = id => page.locator(`#${id} > tr`).count();
const activeKey = () => page.evaluate(() => document.activeElement.closest("[data-key]")?.dataset.key ?? null);

const scenarios = {
  async content() {
    await open();
    return {
      title: await page.title(),
      headings: await page.locator("h2").allTextContents(),
      tiles: await page.locator("#summary").textContent(),
      links: await page.locator("#queue a").evaluateAll(all => all.map(a => a.href)),
      commands: await page.locator("#queue [data-copy]").evaluateAll(all => all.map(b => b.dataset.copy)),
      chart: await page.locator("#phases svg").getAttribute("aria-label"),
      queue: await page.locator("#queue").textContent(),
      runners: await page.locator("#runners").textContent(),
      reasons: await page.locator("#reasons").textContent(),
      rows: await rows("queue"),
    };
  },

  async live() {
    await open();
    const button = page.locator("#queue > tr").nth(1).locator("[data-copy]");
    await button.focus();
    const before = await activeKey();
    await ask("rename");
    await shown("renamed", "#queue");
    const after = await activeKey();
    await ask("end");
    await page.waitForSelector("#ended > tr", { state: "attached" });
    await ask("stop leading");
    await page.waitForSelector("#state.lost");
    await ask("lead again");
    await page.waitForSelector("#state.live");
    await shown("again", "#queue");
    return { before, after, rows: await rows("queue"), ended: await page.locator("#ended").textContent() };
  },

  async colours() {
    const seen = {};
    for (const colorScheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme });
      await open();
      seen[colorScheme] = await page.evaluate(() => {
        const { color, backgroundColor } = getComputedStyle(document.body);
        return { color, backgroundColor };
      });
    }
    return seen;
  },

  async keyboard() {
    await open();
    const reached = [];
    for (let i = 0; i < 60 && !reached.includes("scroll"); i++) {
      await page.keyboard.press("Tab");
      reached.push(await page.evaluate(() => document.activeElement.className || document.activeElement.dataset.filter
        || document.activeElement.localName));
    }
    await page.locator("[data-filter=queue]").focus();
    await page.keyboard.type("SERVICE-2");
    const left = await page.locator("#queue > tr:not([hidden])").count();
    const button = page.locator("#queue > tr:not([hidden])").first().locator("[data-copy]");
    await button.focus();
    await page.keyboard.press("Enter");
    await page.waitForSelector("#queue .copy.done", { state: "attached" });
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    await page.locator("[data-filter=queue]").fill("nothing has this");
    return { reached, left, copied, none: await page.locator("#queue-none").isVisible() };
  },

  async axe() {
    const source = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
    const found = [];
    for (const colorScheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme });
      if (token === "sign-in") {
        await page.goto(url);
        await page.waitForSelector("#sign-in");
      } else {
        await open();
      }
      await page.evaluate(source);
      const { violations, passes } = await page.evaluate(() => globalThis.axe.run());
      found.push(...violations.map(v => `${colorScheme}: ${v.id}: ${v.nodes.map(n => n.html.slice(0, 120)).join(" | ")}`));
      if (passes.length === 0) found.push("nothing was checked");
    }
    return { found };
  },

  async hostile() {
    await open();
    return {
      scripts: await page.locator("main script, main img, main iframe, main style").count(),
      handlers: await page.evaluate(() => [...document.querySelectorAll("main *")]
        .flatMap(element => [...element.attributes]).filter(attribute => attribute.name.startsWith("on")).length),
      text: await page.locator("#queue").textContent(),
      bidi: await page.locator("#queue bdi").count(),
    };
  },

  async crowd() {
    const session = await context.newCDPSession(page);
    await session.send("Performance.enable", { timeDomain: "threadTicks" });
    const started = performance.now();
    await open();
    const loaded = performance.now() - started;
    await page.evaluate(() => {
      globalThis.changes = [];
      new PerformanceObserver(list => globalThis.changes.push(...list.getEntriesByName("change").map(e => e.duration)))
        .observe({ entryTypes: ["measure"] });
    });
    const task = async () => Object.fromEntries(
      (await session.send("Performance.getMetrics")).metrics.map(m => [m.name, m.value])).TaskDuration * 1000;
    const bytes = await page.evaluate(async () => (await (await fetch(location.href)).text()).length);
    const sent = await page.evaluate(() => performance.getEntriesByType("navigation")[0].encodedBodySize);
    const result = { loaded, bytes, sent, rows: [await rows("queue"), await rows("runners")] };
    for (const what of ["some", "all"]) {
      // The page's clock moves its times each second: what that takes is in the figure, too.
      const [before, seen] = [await task(), await page.evaluate(() => globalThis.changes.length)];
      await ask(what);
      await page.waitForFunction(count => globalThis.changes.length > count, seen, { polling: 250 });
      await page.evaluate(() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done))));
      result[what] = (await task()) - before;
      await shown(`changed ${what}`, "#queue");
    }
    result.changes = await page.evaluate(() => globalThis.changes);
    return result;
  },

  // Makes the pictures of README.md and docs/status-page.md, into the folder that stands where the token would.
  async picture() {
    const session = await context.newCDPSession(page);
    await page.setViewportSize({ width: 1180, height: 820 });
    const made = {};
    for (const colorScheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme });
      await open();
      const { data } = await session.send("Page.captureScreenshot", { format: "webp", quality: 70 });
      const picture = Buffer.from(data, "base64");
      writeFileSync(`${token}/status-${colorScheme}.webp`, picture);
      made[colorScheme] = picture.length;
    }
    return made;
  },

  async signIn() {
    await page.goto(url);
    await page.waitForSelector("#sign-in");
    await page.locator("#token").fill("wrong");
    await page.keyboard.press("Enter");
    await shown("does not take this token");
    await page.locator("#token").fill(token);
    await page.keyboard.press("Enter");
    await page.waitForSelector("#state.live");
    await ask("queue a job");
    await page.waitForSelector("#ended > tr", { state: "attached" });
    await page.reload();
    await page.waitForSelector("#state.live");
    const cookies = await context.cookies();
    return { cookies: cookies.length, ended: await page.locator("#ended").textContent(), address: page.url() };
  },
};

try {
  const result = await scenarios[scenario]();
  say({ result: { ...result, complaints } });
} finally {
  await browser.close();
}
process.exit(0);
