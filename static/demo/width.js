// How wide the contact panel is: three buttons, a splitter for the hand, arrow keys for the keyboard.

const KEPT = "harbour-panel-width";
const STEP = 16;
const [LEAST, MOST] = [280, 900];

const splitter = document.getElementById("splitter");
const panel = document.getElementById("panel");
const buttons = [...document.querySelectorAll(".widths [data-width]")];
const toEnd = document.documentElement.dir === "rtl" ? -1 : 1;

function set(width) {
  const clamped = Math.round(Math.max(LEAST, Math.min(width, MOST)));
  document.documentElement.style.setProperty("--panel-width", `${clamped}px`);
  splitter.setAttribute("aria-valuenow", clamped);
  for (const button of buttons) {
    button.setAttribute("aria-pressed", String(Number(button.dataset.width) === clamped));
  }
  localStorage.setItem(KEPT, clamped);
}

const present = () => panel.getBoundingClientRect().width;

for (const button of buttons) {
  button.addEventListener("click", () => set(Number(button.dataset.width)));
}

splitter.addEventListener("pointerdown", (event) => {
  const [from, width] = [event.clientX, present()];
  const drag = (moved) => set(width + (from - moved.clientX) * toEnd);
  splitter.setPointerCapture(event.pointerId); // else the frame would swallow the pointer
  document.body.classList.add("dragging");
  splitter.addEventListener("pointermove", drag);
  splitter.addEventListener("lostpointercapture", () => {
    document.body.classList.remove("dragging");
    splitter.removeEventListener("pointermove", drag);
  }, { once: true });
});

splitter.addEventListener("keydown", (event) => {
  const wider = { ArrowLeft: STEP, ArrowRight: -STEP }[event.key];
  if (wider) set(present() + wider * toEnd);
});

set(Number(localStorage.getItem(KEPT)) || 360);
