// The host's side of the contact panel: loads the frame once, and from then on only posts who is on screen.

const FRESH = 2 * 60_000; // of five: a token handed over has most of its life before it
const PATIENCE = 8_000;

const frame = document.getElementById("frame");
const note = document.getElementById("frame-note");
const { origin, address } = frame.dataset;

let tokens = new Map();
let choices = new URLSearchParams();
let shown = "";
let ready = false;
let patience = 0;

/** Loads the frame in this language and theme; it says `sidebar:ready` when it can listen. */
export function load(locale, theme) {
  choices = new URLSearchParams({ locale, theme });
  tokens = new Map();
  ready = false;
  say(note.dataset.loading);
  clearTimeout(patience);
  patience = setTimeout(() => say(note.dataset.silent), PATIENCE);
  frame.src = `${address}?${choices}`;
}

/** Puts a conversation on screen; its context goes out at once when the token was prefetched. */
export function show(conversation) {
  if (ready && conversation !== shown) tell(null); // until it does, the panel shows nobody
  shown = conversation;
  if (ready) return post(conversation);
}

/** Asks for the token of a conversation that is likely to be opened next. */
export function prefetch(conversation) {
  token(conversation).catch(() => {}); // the click asks again and says what went wrong
}

async function post(conversation) {
  try {
    const signed = await token(conversation);
    if (ready && conversation === shown) {
      tell(signed);
      say("");
    }
  } catch {
    say(note.dataset.unsigned);
  }
}

function tell(token) {
  frame.contentWindow.postMessage({ type: "sidebar:context", token }, origin);
}

function token(conversation) {
  const kept = tokens.get(conversation);
  if (kept && Date.now() - kept.at < FRESH) return kept.promise;
  const promise = sign(conversation);
  promise.catch(() => tokens.delete(conversation));
  tokens.set(conversation, { promise, at: Date.now() });
  return promise;
}

async function sign(conversation) {
  const answer = await fetch(`/token/${encodeURIComponent(conversation)}?${choices}`);
  if (!answer.ok) throw new Error(`The inbox answered ${answer.status}.`);
  return (await answer.json()).token;
}

function say(text) {
  note.textContent = text;
  note.hidden = text === "";
}

addEventListener("message", (event) => {
  if (event.origin !== origin || event.source !== frame.contentWindow) return;
  if (event.data?.type === "sidebar:ready") {
    clearTimeout(patience);
    ready = true;
    say("");
    if (shown) post(shown);
  }
  if (event.data?.type === "sidebar:renew" && shown) {
    tokens.delete(shown);
    post(shown);
  }
});
