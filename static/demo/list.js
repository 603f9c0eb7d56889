// The list of conversations: arrow keys, the search box, and early news of where the hand is going.

const rows = [...document.querySelectorAll("#rows .row")];
const search = document.getElementById("search");

/** `open(id)` when a conversation is chosen, `near(id)` when the pointer or the focus comes close to it. */
export function listen(open, near) {
  for (const row of rows) {
    const { conversation } = row.dataset;
    row.addEventListener("click", () => open(conversation));
    row.addEventListener("pointerenter", () => near(conversation));
    row.addEventListener("focus", () => near(conversation));
  }
}

export function knows(conversation) {
  return rows.some((row) => row.dataset.conversation === conversation);
}

export function first() {
  return rows[0].dataset.conversation;
}

/** Marks one conversation as the open one; it counts as read once it can be seen. */
export function mark(conversation, seen) {
  for (const row of rows) {
    const here = row.dataset.conversation === conversation;
    if (here) row.setAttribute("aria-current", "true");
    else row.removeAttribute("aria-current");
    if (here && seen) row.classList.remove("unread");
  }
  stop(rows.find((row) => row.dataset.conversation === conversation));
}

/** Shows the agent's own reply as the last line of a conversation. */
export function remember(conversation, text) {
  const row = rows.find((one) => one.dataset.conversation === conversation);
  row.querySelector(".row-you").hidden = false;
  row.querySelector(".row-text").textContent = text;
}

function stop(row) {
  for (const one of rows) one.tabIndex = one === row ? 0 : -1;
}

function move(event) {
  const visible = rows.filter((row) => !row.parentElement.hidden);
  const at = visible.indexOf(document.activeElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: visible.length - 1 }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  const row = visible[Math.max(0, Math.min(to, visible.length - 1))];
  row?.focus();
  if (row) stop(row);
}

function filter() {
  const wanted = search.value.trim().toLocaleLowerCase();
  for (const row of rows) {
    row.parentElement.hidden = !row.textContent.toLocaleLowerCase().includes(wanted);
  }
  const visible = rows.filter((row) => !row.parentElement.hidden);
  document.getElementById("no-match").hidden = visible.length > 0;
  if (visible.length && !visible.some((row) => row.tabIndex === 0)) stop(visible[0]);
}

document.getElementById("rows").addEventListener("keydown", move);
search.addEventListener("keydown", (event) => event.key === "ArrowDown" && move(event));
search.addEventListener("input", filter);
