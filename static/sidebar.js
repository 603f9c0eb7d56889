// The panel's own script: context and its renewal, drafts, copying, keys. htmx does the rest.
// Host scripts (hosts/*.js) speak to it through events on `document`: sidebar:context comes in; sidebar:ready and
// sidebar:renew go out. So does live.js: it is told sidebar:left, sidebar:admitted, sidebar:read and sidebar:shown.
// Nothing is kept outside this page's memory: in a frame, storage may throw.

const body = document.body;
const form = document.getElementById("context");
const contact = document.getElementById("contact");
const banner = document.getElementById("banner");
const status = document.getElementById("status");
const words = document.getElementById("words").dataset;
const RENEW_BEFORE = 60_000;
const PATIENCE = 5_000; // with a host that was asked to vouch again
const REPEAT_AFTER = 10_000; // a request refused twice in this time is not sent a third time
const SLOW = 300;

// --- Whom the panel is about, and until when ----------------------------------------------------------------------

let turn = 0; // counts conversations: an answer about a former one changes nothing
let wish = null; // why the host was asked to vouch again: "again" | "renew" | null
let refused = []; // requests that came too late and are sent once more afterwards
let vouching = false; // a renewal is on its way
let decided = false; // somebody has just said by hand whom the panel is about
let renewal, patience;
let skew = 0; // how far this computer's clock is ahead of the server's
const repeated = new WeakMap(); // element → when it was last sent once more

document.addEventListener("sidebar:context", ({ detail: { token } }) => {
  const why = wish;
  wish = null;
  clearTimeout(patience);
  if (token === null) leave();
  else if (why === "renew") renew(token);
  else match(token, why === "again");
});

// From the moment another conversation is opened nobody can read on, or change, the former customer.
function leave() {
  const mine = (turn += 1);
  tell("left");
  refused = [];
  wish = null;
  decided = false;
  clearTimeout(renewal);
  clearTimeout(patience);
  keepDrafts();
  banner.replaceChildren();
  contact.inert = true;
  contact.setAttribute("aria-busy", "true");
  setTimeout(() => {
    if (mine !== turn || !contact.inert) return;
    show("bones");
    say(words.loading);
  }, SLOW);
}

function match(token, fresh) {
  leave();
  form.elements.token.value = token;
  form.setAttribute("hx-post", `${body.dataset.url}/match${fresh ? "?fresh" : ""}`);
  form.dispatchEvent(new CustomEvent("sidebar:match"));
}

function arrived() {
  contact.inert = false;
  contact.setAttribute("aria-busy", "false");
  say("");
  if (decided) presentTheAnswer();
}

async function renew(token) {
  const mine = turn;
  vouching = true;
  const headers = { ...JSON.parse(body.getAttribute("hx-headers:inherited") ?? "{}"), "HX-Request": "true" };
  const sent = { method: "POST", headers, body: new URLSearchParams({ token }) };
  const answer = await fetch(`${body.dataset.url}/renew`, sent).catch(() => null);
  vouching = false;
  if (mine !== turn) return;
  if (!answer?.ok) return match(token, false); // perhaps it was about another conversation
  admit(answer.headers);
  for (const element of refused.splice(0)) if (element.isConnected) repeat(element);
}

function ask(why) {
  if (why === "renew" && (wish || vouching)) return;
  wish = why;
  clearTimeout(patience);
  patience = setTimeout(() => {
    wish = null;
    banner.textContent = words.deaf;
  }, PATIENCE);
  tell("renew");
}

function admit(headers) {
  const context = headers.get("Sidebar-Context");
  if (!context) return;
  body.setAttribute("hx-headers:inherited", JSON.stringify({ "Sidebar-Context": context }));
  tell("admitted");
  const left = Number(headers.get("Sidebar-Expires")) - now();
  clearTimeout(renewal);
  renewal = setTimeout(() => ask("renew"), Math.max(left - Math.min(RENEW_BEFORE, left / 2), 2_000));
  const theme = headers.get("Sidebar-Theme");
  if (theme && theme !== "auto") document.documentElement.dataset.theme = theme;
}

function now() {
  return Date.now() - skew;
}

function tell(what, detail) {
  document.dispatchEvent(new CustomEvent(`sidebar:${what}`, { detail }));
}

function repeat(element) {
  if (element.matches("form")) element.requestSubmit();
  else element.click();
}

function mayRepeat(element) {
  const last = repeated.get(element) ?? 0;
  repeated.set(element, Date.now());
  return Date.now() - last > REPEAT_AFTER;
}

// --- Requests -----------------------------------------------------------------------------------------------------

document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
  const source = ctx.sourceElement;
  ctx.turn = turn;
  ctx.from = source.matches(".refresh") ? "refresh" : "";
  if (source.matches(".editing form")) source.inert = true; // what is typed while it is being saved would be lost
});

document.addEventListener("htmx:before:response", (event) => {
  const { ctx } = event.detail;
  const { headers, status: code } = ctx.response;
  const source = ctx.sourceElement;
  const stop = () => event.preventDefault();
  if (source.matches(".editing form") && code === 200) drafts.delete(draftKey(source));
  if (ctx.turn !== turn) return stop(); // about another customer
  if (!headers.get("Sidebar")) return stop(unreachable(source)); // a proxy's page, not ours
  if (speaksOtherwise(headers)) return stop();
  skew = Date.now() - (Date.parse(headers.get("Date")) || Date.now());
  if (headers.get("Sidebar-Renew") && mayRepeat(source)) {
    if (source !== form) refused.push(source);
    return stop(ask(source === form ? "again" : "renew"));
  }
  if (code < 400) banner.replaceChildren();
  if (headers.get("Sidebar-Again")) {
    forgetTyped();
    stop();
    return matchAgain();
  }
  admit(headers);
  const read = headers.get("Sidebar-Read-At");
  if (read) tell("read", { at: Number(read), skew });
});

document.addEventListener("htmx:after:request", (event) => {
  if (event.detail.ctx.turn !== turn) event.preventDefault(); // the rest of an answer may come much later than its head
});

document.addEventListener("htmx:before:swap", ({ detail: { ctx } }) => {
  if (ctx.from === "refresh" && ctx.response.status < 400) keepDrafts();
});

document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
  const source = ctx.sourceElement;
  if (source.inert && source.isConnected && source !== form) {
    source.inert = false;
    focusOn(source.elements.value);
  }
});

document.addEventListener("htmx:error", ({ detail: { ctx } }) => {
  if (ctx?.turn === turn && !ctx.status?.includes("AbortError")) unreachable(ctx.sourceElement);
});

document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  const answered = ctx.response.status < 400;
  if (ctx.turn !== turn) return;
  if (ctx.request.action.startsWith(`${body.dataset.url}/match`)) arrived();
  if (ctx.from === "refresh") focusOn(contact.querySelector(".refresh"));
  focusOn(document.querySelector("[data-focus]"));
  tell("shown");
  if (answered) restoreDrafts(); // a refusal would be asked for again and again
});

// Sidebar, or what lies between, gave no answer of its own. A form stays as it is; a match leaves nobody on screen.
function unreachable(source) {
  if (source !== form) {
    banner.textContent = words.offline;
    return;
  }
  show("unreachable");
  arrived();
}

// The agent's language came with the token, and the frame was opened in another: dress it anew.
function speaksOtherwise(headers) {
  const language = headers.get("Sidebar-Language");
  const here = new URLSearchParams(location.search);
  if (!language || language === document.documentElement.lang || here.get("locale") === language) return false;
  here.set("locale", language);
  location.replace(`${location.pathname}?${here}`);
  return true;
}

// Not the autofocus attribute: browsers refuse it in a frame of another site, and say so in the console. The keyboard is
// taken neither from the inbox nor from another field: only where its own place has just been replaced.
function focusOn(element) {
  element?.removeAttribute("data-focus");
  if (element && document.hasFocus() && document.activeElement === body) element.focus();
}

// Whom the customer is has been told by hand: look again, and go on from there.
function matchAgain() {
  match(form.elements.token.value, false);
  decided = true;
}

function presentTheAnswer() {
  decided = false;
  const title = contact.querySelector("h1");
  if (!title) return;
  title.tabIndex = -1;
  focusOn(title);
}

function show(template) {
  contact.replaceChildren(document.getElementById(template).content.cloneNode(true));
}

function say(text) {
  status.textContent = text;
}

// --- Drafts: what was typed survives a switch of conversation -----------------------------------------------------

const drafts = new Map(); // "record field" → {value, checked}, and the value it was to replace
const searches = new Map(); // customer → what was typed to find them by

function draftKey(edit) {
  const [record] = /[a-zA-Z0-9]{18}(?=\/field)/.exec(edit.getAttribute("hx-post")) ?? [""];
  return `${record} ${edit.elements.name.value}`;
}

function keepDrafts() {
  for (const edit of document.querySelectorAll(".editing form")) {
    const { value, checked, type, dataset } = edit.elements.value;
    const typed = type === "checkbox" ? String(checked) : value;
    const saw = edit.elements.saw.value;
    if (typed !== dataset.restore) drafts.set(draftKey(edit), { typed: { value, checked }, saw });
  }
  const search = contact.querySelector(".by-hand");
  if (search) searches.set(search.dataset.customer, search.elements.text.value);
}

function forgetTyped() {
  const search = contact.querySelector(".by-hand");
  if (search) search.elements.text.value = ""; // it has served its purpose
}

function restoreSearch() {
  const search = contact.querySelector(".by-hand");
  const typed = searches.get(search?.dataset.customer);
  if (!typed || search.elements.text.value) return;
  search.elements.text.value = typed;
  search.closest("details")?.setAttribute("open", "");
}

function restoreDrafts() {
  restoreSearch();
  const record = document.getElementById("record")?.dataset.record;
  for (const [key, draft] of drafts) {
    const [of, name] = key.split(" ");
    if (of !== record) continue;
    const line = document.getElementById(`field-${name}`);
    const edit = line?.querySelector("form");
    if (edit) {
      Object.assign(edit.elements.value, draft.typed);
      edit.elements.saw.value = draft.saw; // so that a change since then is a conflict, as it would have been
      drafts.delete(key);
    } else if (line && !line.dataset.opening) {
      line.dataset.opening = "";
      line.querySelector("button.value")?.click();
    }
  }
}

// --- Clicks and keys ----------------------------------------------------------------------------------------------

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if (button.hasAttribute("data-again")) ask("again");
  if (button.hasAttribute("data-copy")) copy(button.dataset.copy);
  if (button.hasAttribute("data-cancel")) drafts.delete(draftKey(button.form));
  if (button.hasAttribute("data-restore-button")) restore(button.form.elements.value);
});

document.addEventListener("keydown", (event) => {
  const edit = event.target.closest?.(".editing form");
  if (!edit || event.isComposing) return; // Escape and Enter belong to the input method while it composes
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
  const place = document.activeElement;
  const box = document.createElement("textarea");
  box.value = text;
  box.className = "off-screen";
  body.append(box);
  box.select();
  document.execCommand("copy");
  box.remove();
  place?.focus();
}

// --- Start --------------------------------------------------------------------------------------------------------

function waitingFor(text) {
  const line = contact.querySelector("[data-waiting] p");
  if (line) line.textContent = text;
}

show("bones");
if (window.parent === window) waitingFor(words.alone);
else setTimeout(() => turn === 0 && waitingFor(words.silent), 8_000);
// Host scripts are modules loaded after this one; let them listen first.
addEventListener("DOMContentLoaded", () => tell("ready"));
