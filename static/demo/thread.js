// The thread on screen and its composer. A reply is added to the page and goes nowhere else.

const threads = document.getElementById("threads");
const status = document.getElementById("status");

export function reveal(conversation) {
  for (const thread of threads.children) thread.hidden = thread.id !== `thread-${conversation}`;
  scroll(document.getElementById(`thread-${conversation}`));
}

/** `sent(id, text)` after each reply, for the list to show. */
export function listen(sent) {
  for (const thread of threads.children) {
    const form = thread.querySelector(".composer");
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      reply(thread, form, sent);
    });
    form.elements.reply.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      form.requestSubmit();
    });
  }
}

function reply(thread, form, sent) {
  const text = form.elements.reply.value.trim();
  form.elements.reply.focus();
  if (!text) return;
  thread.querySelector(".messages").append(bubble(thread, text));
  form.reset();
  scroll(thread);
  status.textContent = form.dataset.sent;
  sent(thread.id.replace("thread-", ""), text);
}

function bubble(thread, text) {
  const copy = thread.querySelector("template").content.cloneNode(true);
  copy.querySelector(".bubble").textContent = text;
  return copy;
}

// Coach card, banner and window take height from the thread; its last message stays in sight.
new ResizeObserver(() => scroll([...threads.children].find((thread) => !thread.hidden))).observe(threads);

function scroll(thread) {
  const messages = thread?.querySelector(".messages");
  if (messages) messages.scrollTop = messages.scrollHeight;
}
