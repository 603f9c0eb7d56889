// The panel's own script: context and its renewal, ages, drafts, copying, keys. htmx does the rest.
// Host scripts (hosts/*.js) speak to it through events on `document`: sidebar:context comes in; sidebar:ready and
// sidebar:renew go out. Nothing is kept outside this page's memory: in a frame, storage may throw.

const body = document.body;
const form = document.getElementById("context");
const contact = document.getElementById("contact");
const banner = document.getElementById("banner");
const status = document.getElementById("status");
const words = document.getElementById("words").dataset;
const RENEW_BEFORE = 60_000;
const SLOW = 250;

// --- Context: which agent, which customer, until when -------------------------------------------------------------

let renewing = null; // what to do once the host has vouched again: "again" | "renew" | null
let refused = []; // requests that came too late and are sent once more afterwards
let timer;

document.addEventListener("sidebar:context", ({ detail: { token } }) => {
  const wish = renewing;
  renewing = null;
  if (wish === "renew") renew(token);
  else match(token, wish === "again");
});

function match(token, fresh) {
  keepDrafts();
  banner.replaceChildren();
  form.elements.token.value = token;
  form.setAttribute("hx-post", `${body.dataset.url}/match${fresh ? "?fresh" : ""}`);
  contact.setAttribute("aria-busy", "true");
  setTimeout(() => contact.getAttribute("aria-busy") === "true" && say(words.loading), SLOW);
  form.dispatchEvent(new CustomEvent("sidebar:match"));
}

async function renew(token) {
  const headers = { ...JSON.parse(body.getAttribute("hx-headers:inherited") ?? "{}"), "HX-Request": "true" };
  const answer = await fetch(`${body.dataset.url}/renew`, { method: "POST", headers, body: new URLSearchParams({ token }) });
  if (!answer.ok) return match(token, false);
  admit(answer.headers);
  for (const element of refused.splice(0)) if (element.isConnected) repeat(element);
}

function ask(wish) {
  renewing = wish;
  document.dispatchEvent(new CustomEvent("sidebar:renew"));
}

function admit(headers) {
  const context = headers.get("Sidebar-Context");
  if (!context) return;
  body.setAttribute("hx-headers:inherited", JSON.stringify({ "Sidebar-Context": context }));
  clearTimeout(timer);
  const left = Number(headers.get("Sidebar-Expires")) - Date.now();
  timer = setTimeout(() => ask("renew"), Math.max(left - RENEW_BEFORE, 5_000));
  const theme = headers.get("Sidebar-Theme");
  if (theme && theme !== "auto") document.documentElement.dataset.theme = theme;
}

function repeat(element) {
  if (element.matches("form")) element.requestSubmit();
  else element.click();
}

// --- Requests -----------------------------------------------------------------------------------------------------

document.addEventListener("htmx:before:response", (event) => {
  const { ctx } = event.detail;
  if (ctx.sourceElement !== form && !ctx.sourceElement.isConnected) return event.preventDefault(); // another customer
  if (ctx.response.headers.get("Sidebar-Renew") && ctx.sourceElement !== form) {
    refused.push(ctx.sourceElement);
    ask("renew");
    return event.preventDefault();
  }
  if (ctx.response.status < 400) banner.replaceChildren();
  admit(ctx.response.headers);
  const read = ctx.response.headers.get("Sidebar-Read-At");
  if (read) readAt = Number(read);
});

document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
  if (ctx.sourceElement !== form) return;
  contact.setAttribute("aria-busy", "false");
  say("");
});

document.addEventListener("htmx:error", ({ detail: { ctx } }) => {
  if (!ctx || ctx.status?.includes("AbortError")) return;
  banner.textContent = words.offline;
  contact.setAttribute("aria-busy", "false");
});

document.addEventListener("htmx:after:swap", () => {
  focusOn(document.querySelector("[data-focus]"));
  tick();
  restoreDrafts();
});

// Not the autofocus attribute: browsers refuse it in a frame of another site, and say so in the console.
function focusOn(element) {
  if (!element) return;
  element.removeAttribute("data-focus");
  element.focus();
}

function say(text) {
  status.textContent = text;
}

// --- The age of what is shown -------------------------------------------------------------------------------------

let readAt = 0;

function tick() {
  const seconds = Math.max(0, Math.round((Date.now() - readAt) / 1000));
  const text = seconds < 5 ? words.live : seconds < 90 ? words.seconds : words.minutes;
  for (const age of document.querySelectorAll("[data-age]"))
    age.textContent = text.replace("{n}", seconds < 90 ? seconds : Math.round(seconds / 60));
}
setInterval(tick, 1000);

// --- Drafts: what was typed survives a switch of conversation -----------------------------------------------------

const drafts = new Map(); // "record field" → text

function keepDrafts() {
  const record = document.getElementById("record")?.dataset.record;
  for (const edit of document.querySelectorAll(".editing form")) {
    const input = edit.elements.value;
    if (record && input.type !== "checkbox" && input.value !== input.dataset.restore)
      drafts.set(`${record} ${edit.elements.name.value}`, input.value);
  }
}

function restoreDrafts() {
  const record = document.getElementById("record")?.dataset.record;
  for (const [key, text] of drafts) {
    const [of, name] = key.split(" ");
    if (of !== record) continue;
    const line = document.getElementById(`field-${name}`);
    const edit = line?.querySelector("form");
    if (edit) {
      edit.elements.value.value = text;
      drafts.delete(key);
    } else line?.querySelector("button.value")?.click();
  }
}

// --- Clicks and keys ----------------------------------------------------------------------------------------------

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if (button.hasAttribute("data-again")) ask("again");
  if (button.hasAttribute("data-copy")) copy(button.dataset.copy);
  if (button.hasAttribute("data-restore-button")) restore(button.form.elements.value);
});

document.addEventListener("keydown", (event) => {
  const edit = event.target.closest?.(".editing form");
  if (!edit) return;
  if (event.key === "Escape") edit.querySelector("[data-cancel]").click();
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) edit.requestSubmit();
});

function restore(input) {
  if (input.type === "checkbox") input.checked = input.dataset.restore === "true";
  else input.value = input.dataset.restore;
  input.focus();
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    copyBySelection(text); // frames without the clipboard-write permission
  }
  say(words.copied);
  setTimeout(() => status.textContent === words.copied && say(""), 2000);
}

function copyBySelection(text) {
  const box = document.createElement("textarea");
  box.value = text;
  box.className = "off-screen";
  body.append(box);
  box.select();
  document.execCommand("copy");
  box.remove();
}

// --- Start --------------------------------------------------------------------------------------------------------

function waitingFor(text) {
  const line = contact.querySelector("[data-waiting] p");
  if (line) line.textContent = text;
}

if (self.origin === "null") waitingFor(words.sandboxed);
else if (window.parent === window) waitingFor(words.alone);
else setTimeout(() => waitingFor(words.silent), 8_000);
// Host scripts are modules loaded after this one; let them listen first.
addEventListener("DOMContentLoaded", () => document.dispatchEvent(new CustomEvent("sidebar:ready")));
