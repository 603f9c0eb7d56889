// Keeps the open contact true: hears what changes in its record, lights that up, and says how current the rest is.
// sidebar.js tells it, through events on `document`, whose panel this is. What is being typed is never touched.

const body = document.body;
const contact = document.getElementById("contact");
const banner = document.getElementById("banner");
const news = document.getElementById("news");
const words = document.getElementById("words").dataset;
const QUIET = 20_000; // the stream says something every 15 s
const LONGEST_WAIT = 30_000;
const MARKED = 5 * 60_000;

// --- The stream ---------------------------------------------------------------------------------------------------

let stream = null; // {record, context, abort, heardAt}: the one that is open, or was
let failures = 0;
let retry;

document.addEventListener("sidebar:left", () => {
  stop();
  readAt = 0;
});
document.addEventListener("sidebar:admitted", follow);
document.addEventListener("sidebar:shown", () => {
  follow();
  tick();
});
document.addEventListener("visibilitychange", follow);

// Browsers open few connections to one server: a panel listens only while somebody can see it.
function follow() {
  const record = document.getElementById("record")?.dataset.record;
  const context = body.getAttribute("hx-headers:inherited");
  if (document.hidden || contact.inert || !record || !context) return stop();
  if (stream?.record === record && stream.context === context) return;
  stop();
  listen(record, context);
}

function stop() {
  clearTimeout(retry);
  stream?.abort.abort();
  stream = null;
  state = "aged";
}

async function listen(record, context) {
  const mine = { record, context, abort: new AbortController(), heardAt: Date.now() };
  stream = mine;
  let over = true;
  try {
    const headers = { ...JSON.parse(context), "HX-Request": "true" };
    const address = `${body.dataset.url}/live?record=${record}`;
    const answer = await fetch(address, { headers, signal: mine.abort.signal, cache: "no-store" });
    if (answer.ok && answer.headers.get("Sidebar")) over = await read(answer.body, mine);
    else over = answer.status < 500;
  } catch {
    over = false;
  }
  if (mine !== stream) return;
  state = "aged";
  tick();
  if (over) return; // another context, another record or another look at this page begins anew
  failures += 1;
  retry = setTimeout(() => mine === stream && listen(record, context), Math.min(500 * 2 ** failures, LONGEST_WAIT));
}

async function read(source, mine) {
  const reader = source.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done || mine !== stream) return false;
    mine.heardAt = Date.now();
    failures = 0;
    const events = (rest + value).split("\n\n");
    rest = events.pop();
    for (const each of events) {
      const [, kind, data] = /^event: (\w+)\ndata: (.*)$/.exec(each) ?? [];
      if (kind) heard[kind]?.(JSON.parse(data));
      if (kind === "over") return true;
    }
  }
}

const heard = {
  state(told) {
    state = told.state;
    sureAt = told.at;
    tick();
  },
  changed({ name, at, first, lines }) {
    if (first && at < readAt) return; // another process remembers an older reading
    readAt = at;
    const lit = lines.filter(show).map(({ field }) => labelOf(field));
    if (rename(name)) lit.unshift(name);
    if (lit.length) news.textContent = words.news.replace("{label}", () => lit.join(", "));
  },
  layout() {
    contact.querySelector(".refresh")?.click();
  },
  over({ html }) {
    if (html) banner.innerHTML = html;
  },
};

// --- What has changed ---------------------------------------------------------------------------------------------

const deferred = new Map(); // field → the newest line that waits for a form to open in its place

function show(line) {
  const there = document.getElementById(`field-${line.field}`);
  const coming = fragment(line.html);
  if (!there || !coming) return false;
  const form = there.querySelector("form");
  if (form) return tellTheirs(form, there, coming);
  if (there.querySelector(".htmx-request")) return defer(line);
  deferred.delete(line.field);
  const same = there.dataset.raw === coming.dataset.raw && textOf(there) === textOf(coming);
  if (same && tagOf(there) === tagOf(coming)) return false;
  const focused = there.contains(document.activeElement) && document.activeElement.className;
  there.replaceWith(coming);
  htmx.process(coming);
  if (focused) coming.querySelector(`.${focused.split(" ")[0]}`)?.focus({ preventScroll: true });
  if (!same) mark(coming, line);
  return !same;
}

function defer(line) {
  const mine = stream;
  deferred.set(line.field, line);
  setTimeout(() => mine === stream && deferred.get(line.field) === line && show(line), 300);
  return false;
}

// The form keeps what is typed, and the value it is to replace: saving it finds the conflict as it always did.
function tellTheirs(form, there, coming) {
  const differs = !isSame(form.elements.saw.value, coming.dataset.raw);
  let note = form.querySelector(".theirs");
  if (differs === Boolean(note) && (!note || note.dataset.raw === coming.dataset.raw)) return false;
  note?.remove();
  if (!differs) return false;
  note = document.createElement("p");
  note.className = "theirs";
  note.dataset.raw = coming.dataset.raw;
  const value = document.createElement("bdi");
  value.textContent = textOf(coming);
  note.append(`${words.theirs} `, value);
  form.querySelector(".actions").before(note);
  news.textContent = `${there.querySelector("dt").textContent.trim()}: ${note.textContent}`;
  return false;
}

function mark(line, { at, by }) {
  line.classList.add("changed");
  const note = document.createElement("small");
  note.className = "mark";
  note.dataset.at = at;
  note.dataset.shown = Date.now();
  note.append(document.createElement("span"));
  if (by) {
    const [before, after] = words.by.split("{name}");
    const name = document.createElement("bdi");
    name.textContent = by;
    note.append(` · ${before}`, name, after);
  }
  line.querySelector("dd").append(note);
  tick();
}

function rename(name) {
  const shown = document.querySelector("#contact-name bdi");
  if (!shown || shown.textContent === name) return false;
  shown.textContent = name;
  shown.parentElement.classList.remove("changed");
  requestAnimationFrame(() => shown.parentElement.classList.add("changed"));
  const avatar = contact.querySelector(".avatar");
  if (avatar) avatar.textContent = [...name][0] ?? "";
  return true;
}

function fragment(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content.querySelector(".field");
}

function textOf(line) {
  return line.querySelector(".value").textContent.trim();
}

// What can be edited is a button.
function tagOf(line) {
  return line.querySelector(".value").tagName;
}

function labelOf(field) {
  return document.querySelector(`#label-${field} bdi`)?.textContent ?? field;
}

function isSame(one, other) {
  const plain = (text) => JSON.stringify(JSON.parse(text)).replaceAll("\\r\\n", "\\n");
  return plain(one) === plain(other);
}

// --- How current it is --------------------------------------------------------------------------------------------

let state = "aged"; // live | polling | down | limit | aged: without a stream nothing but the age is known
let sureAt = 0; // until when what is shown was surely true
let readAt = 0;
let skew = 0; // how far this computer's clock is ahead of the server's

// An answer that is older than what was heard while it was on its way: the stream begins anew, with all there is.
document.addEventListener("sidebar:read", ({ detail }) => {
  ({ skew } = detail);
  if (detail.at < readAt) stop();
  readAt = Math.max(readAt, detail.at);
  if (state !== "live") sureAt = readAt;
});

function now() {
  return Date.now() - skew;
}

function tick() {
  const present = stream && Date.now() - stream.heardAt < QUIET ? state : "aged";
  if (present === "live") sureAt = now();
  const why = { polling: words.polling, down: words.down, limit: words.limit }[present];
  const text = present === "live" ? words.live : [why, ageOf(sureAt)].filter(Boolean).join(" · ");
  for (const age of document.querySelectorAll("[data-age]")) {
    age.dataset.age = present;
    if (age.textContent !== text) age.textContent = text;
  }
  for (const note of document.querySelectorAll(".mark")) tickMark(note);
}
setInterval(tick, 1000);

function tickMark(note) {
  const at = Number(note.dataset.at);
  if (Date.now() - Number(note.dataset.shown) > MARKED) return note.remove();
  const seconds = Math.max(0, Math.round((now() - at) / 1000));
  const text = !at || seconds < 5 ? words.changed : seconds < 90 ? words.changedSeconds : words.changedMinutes;
  note.firstChild.textContent = text.replace("{n}", seconds < 90 ? seconds : Math.round(seconds / 60));
}

function ageOf(at) {
  const seconds = Math.max(0, Math.round((now() - at) / 1000));
  const text = seconds < 5 ? words.now : seconds < 90 ? words.seconds : words.minutes;
  return text.replace("{n}", seconds < 90 ? seconds : Math.round(seconds / 60));
}
