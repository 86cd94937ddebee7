// Keeps the page up to date with the changes that the controller tells, and its times with the clock.
const tokenKey = "runnerscaler-token";
const tokenHeader = "RunnerScaler-Token";
const state = document.getElementById("state");
let version = "";
let ahead = 0; // by how much the controller's clock is ahead of ours, in milliseconds

const byId = id => document.getElementById(id);
const markup = text => {
  const template = document.createElement("template");
  template.innerHTML = text;
  return template.content;
};

// --- Who asks -------------------------------------------------------------------------------------------------------

// The token is this tab's: a cookie would go to whatever listens at another port of the same host.
function ask(path, accept) {
  const token = sessionStorage.getItem(tokenKey);
  const headers = { Accept: accept, ...(token ? { [tokenHeader]: token } : {}) };
  return fetch(path, { headers, cache: "no-store", credentials: "same-origin" });
}

async function load() {
  const answer = await ask("./", "text/html");
  if (answer.status === 401) sessionStorage.removeItem(tokenKey);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  byId("page").replaceWith(document.adoptNode(page.getElementById("page")));
  document.title = page.title;
  begin();
}

function signIn(form) {
  tell("signed out", "");
  form.addEventListener("submit", event => {
    event.preventDefault();
    const token = byId("token").value.trim();
    if (!/^[\x21-\x7e]+$/.test(token)) return;
    sessionStorage.setItem(tokenKey, token);
    load().catch(() => tell("the controller does not answer", "lost"));
  });
}

function tell(text, kind) {
  if (state.textContent !== text) state.textContent = text;
  state.className = kind;
}

// --- Changes --------------------------------------------------------------------------------------------------------

// What has the focus may be replaced by its successor, which then gets it.
function focusPlace() {
  const active = document.activeElement;
  const holder = active?.closest("[data-key], [id]");
  if (!holder || active === document.body) return null;
  const inside = [...holder.querySelectorAll("a, button, input")];
  return { active, key: holder.dataset.key, list: holder.parentElement?.id, id: holder.id, at: inside.indexOf(active) };
}

function restore(place) {
  if (!place || place.active.isConnected) return;
  const list = place.list ? byId(place.list) : document;
  const holder = place.key
    ? list?.querySelector(`[data-key="${CSS.escape(place.key)}"]`)
    : byId(place.id);
  holder?.querySelectorAll("a, button, input")[place.at]?.focus({ preventScroll: true });
}

function applyList(id, change, whole) {
  const body = byId(id);
  const rows = new Map(whole ? [] : [...body.children].map(row => [row.dataset.key, row]));
  for (const key of change.gone) rows.delete(key);
  for (const [, key] of change.put) rows.delete(key);
  const added = [...markup(change.put.map(put => put[2]).join("")).children];
  if (rows.size === 0) {
    body.replaceChildren(...added);
  } else {
    const list = [...rows.values()];
    change.put.forEach(([at], i) => list.splice(at, 0, added[i]));
    arrange(body, list);
  }
  filter(id, added);
}

// Leaves the rows of the list, in its order; those that are there and stay are not moved.
function arrange(body, list) {
  const stay = new Set(list);
  for (const row of [...body.children]) if (!stay.has(row)) row.remove();
  let next = body.firstElementChild;
  for (const row of list) {
    if (row === next) next = next.nextElementSibling;
    else body.insertBefore(row, next);
  }
}

function apply(change) {
  performance.clearMeasures("change");
  const began = performance.now();
  const place = focusPlace();
  ahead = change.now - Date.now();
  for (const [id, text] of Object.entries(change.parts)) byId(id)?.replaceChildren(markup(text));
  for (const [id, list] of Object.entries(change.lists)) applyList(id, list, change.whole);
  restore(place);
  showTimes();
  performance.measure("change", { start: began });
}

async function follow() {
  for (let failures = 0; ; failures++) {
    try {
      const answer = await ask(`./status/events?since=${encodeURIComponent(version)}`, "text/event-stream");
      if (answer.status === 401) return load();
      if (answer.ok) {
        tell("live", "live");
        await read(answer.body, () => { failures = 0; });
      }
    } catch {
      // It is tried again below, whatever it was.
    }
    tell("reconnecting", "lost");
    const pause = Math.min(30, 2 ** Math.min(failures, 5)) * (0.5 + Math.random() / 2);
    await new Promise(done => setTimeout(done, pause * 1000));
  }
}

// Server-sent events; EventSource itself cannot say who asks.
async function read(body, alive) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let pieces = [];
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    pieces.push(value);
    if (!value.includes("\n")) continue;
    const events = pieces.join("").split("\n\n");
    pieces = [events.pop()];
    for (const event of events) take(event);
    alive();
  }
}

function take(event) {
  const lines = event.split("\n");
  const field = name => lines.find(line => line.startsWith(`${name}: `))?.slice(name.length + 2);
  const data = field("data");
  if (!data) return;
  apply(JSON.parse(data));
  version = field("id") ?? "";
}

// --- Times ----------------------------------------------------------------------------------------------------------

// In words, and for how long they hold.
function span(seconds) {
  if (seconds < 60) return [`${seconds} s`, 1];
  const left = 60 - (seconds % 60);
  if (seconds < 3600) return [`${Math.floor(seconds / 60)} min`, left];
  if (seconds < 86400) return [`${Math.floor(seconds / 3600)} h ${Math.floor(seconds / 60) % 60} min`, left];
  return [`${Math.floor(seconds / 86400)} d ${Math.floor(seconds / 3600) % 24} h`, left];
}

function showTimes() {
  const now = Date.now() + ahead;
  for (const time of document.getElementsByTagName("time")) {
    if (now < time.good) continue;
    const seconds = Math.floor((now - (time.at ??= Date.parse(time.dateTime))) / 1000);
    const [text, left] = span(Math.abs(seconds));
    time.firstChild.data = seconds < 0 ? `in ${text}` : text;
    time.good = seconds < 0 ? 0 : time.at + (seconds + left) * 1000;
  }
}

// --- What people do -------------------------------------------------------------------------------------------------

// Hides those of the rows that do not have all the words.
function filter(id, rows) {
  const words = document.querySelector(`[data-filter="${id}"]`).value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const row of rows) {
    const text = words.length ? row.textContent.toLowerCase() : "";
    row.hidden = !words.every(word => text.includes(word));
  }
  byId(`${id}-none`).hidden = [...byId(id).children].some(row => !row.hidden);
}

document.addEventListener("input", event => {
  const id = event.target.dataset?.filter;
  if (id) filter(id, byId(id).children);
});

document.addEventListener("click", async event => {
  const button = event.target.closest("[data-copy]");
  if (!button || button.classList.contains("done")) return;
  await copy(button.dataset.copy);
  const word = button.textContent;
  button.classList.add("done");
  button.textContent = "copied";
  setTimeout(() => {
    button.classList.remove("done");
    button.textContent = word;
  }, 1500);
});

// The clipboard is there at loopback and over TLS alone; elsewhere the older way is.
async function copy(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = document.createElement("textarea");
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}

// --- The beginning --------------------------------------------------------------------------------------------------

function begin() {
  const page = byId("page");
  if ("signIn" in page.dataset) {
    if (sessionStorage.getItem(tokenKey)) load().catch(() => tell("the controller does not answer", "lost"));
    else signIn(byId("sign-in"));
  } else if ("again" in page.dataset) {
    tell("trying again", "lost");
    setTimeout(() => load().catch(begin), 3000);
  } else {
    version = page.dataset.version;
    ahead = Number(page.dataset.now) - Date.now();
    showTimes();
    follow();
  }
}

setInterval(showTimes, 1000);
begin();
