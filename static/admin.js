// Copy buttons, switches that depend on another, and times in the reader's own zone. The pages work without this file.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const field = document.getElementById(button.dataset.copy);
  const label = button.textContent;
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
    button.textContent = button.dataset.done;
    setTimeout(() => { button.textContent = label; }, 2000);
  } catch {
    // No permission, or plain http: the value is selected, the keyboard copies it.
  }
});

for (const part of document.querySelectorAll("fieldset.within")) {
  const main = part.form.elements.auto_create;
  const follow = () => { part.disabled = !main.checked; };
  main.addEventListener("change", follow);
  follow(); // browsers remember what was ticked before a reload
}

for (const time of document.querySelectorAll("time[datetime]")) {
  time.title = time.textContent;
  time.textContent = new Date(time.dateTime).toLocaleString(document.documentElement.lang, {
    dateStyle: "medium", timeStyle: "short",
  });
  time.removeAttribute("dir");
}
