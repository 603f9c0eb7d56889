// The tour: six stops, a coach card for each, and what a colleague does in Salesforce a moment later or when asked.

const MOMENT = 2_500; // long enough for the panel to have shown the person as they were before
const CLOSED = "harbour-tour-closed";

const tour = document.getElementById("tour");
const menu = document.getElementById("stops");
const banner = document.getElementById("banner");
const cards = [...tour.querySelectorAll(".coach")];

let waiting = 0;

/** `visit(conversation)` puts the conversation of a stop on screen. */
export function listen(visit) {
  tour.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button?.dataset.stop) begin(button.dataset.stop, visit);
    if (button?.matches(".tour-all")) turn("");
    if (button?.matches(".tour-close")) fold(true);
    if (button?.matches("[data-repeat]")) act(button.closest(".coach"));
  });
  document.getElementById("tour-open").addEventListener("click", () => fold(false));
  for (const button of document.querySelectorAll("[data-bring-back]")) {
    button.addEventListener("click", () => bringBack(button));
  }
}

function begin(key, visit) {
  const card = turn(key);
  if (card.dataset.action) {
    const soon = "atOnce" in card.dataset;
    say(card, soon ? tour.dataset.wait : "", "");
    if (soon) waiting = setTimeout(() => act(card), MOMENT);
  }
  visit(card.dataset.conversation);
  card.focus();
}

/** Shows one card, or the six stops when there is no such key. */
function turn(key) {
  clearTimeout(waiting);
  menu.hidden = key !== "";
  for (const card of cards) card.hidden = card.id !== `coach-${key}`;
  return cards.find((card) => !card.hidden);
}

async function act(card) {
  clearTimeout(waiting);
  const answer = await ask(card, card.dataset.action, { unavailable: true });
  if (answer.done && card.dataset.action === "/tour/down") show(true);
}

async function bringBack(button) {
  clearTimeout(waiting);
  const place = button.closest(".coach") ?? banner;
  const answer = await ask(place, "/tour/down", { unavailable: false });
  if (!answer.done) return;
  show(false);
  say(document.getElementById("coach-down"), answer.message, "good");
}

async function ask(place, path, body) {
  const buttons = place.querySelectorAll("[data-repeat], [data-bring-back]");
  for (const button of buttons) button.disabled = true;
  say(place, tour.dataset.wait, "");
  const answer = await post(path, body);
  for (const button of buttons) button.disabled = false;
  say(place, answer.message, answer.done ? "good" : "bad");
  return answer;
}

async function post(path, body) {
  const address = `${path}?locale=${document.documentElement.lang}`;
  try {
    const answer = await fetch(address, { method: "POST", body: JSON.stringify(body) });
    return await answer.json();
  } catch {
    return { done: false, message: tour.dataset.noInbox };
  }
}

function say(place, text, mood) {
  const said = place.querySelector("[data-said]");
  said.textContent = text;
  said.dataset.mood = mood;
}

function show(down) {
  document.body.dataset.down = down;
  banner.hidden = !down;
  say(banner, "", "");
}

function fold(closed) {
  turn("");
  tour.hidden = closed;
  document.body.dataset.tour = closed ? "closed" : "open";
  localStorage.setItem(CLOSED, closed ? "yes" : "");
  (closed ? document.getElementById("tour-open") : menu.querySelector(".stop")).focus();
}

if (localStorage.getItem(CLOSED)) {
  tour.hidden = true;
  document.body.dataset.tour = "closed";
}
