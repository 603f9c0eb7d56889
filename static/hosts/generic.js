// The generic host's dialect: the inbox posts {type: "sidebar:context", token} (null: another conversation is opening),
// we post ready and renew.
// README, "Embed it in your inbox", describes the other side.

const origins = document.body.dataset.origins.split(" ").filter(Boolean);
const parents = origins.filter((origin) => origin === new URL(document.referrer || "about:blank").origin);

function tell(type) {
  // Nothing personal is in these messages, and only our own hosts' origins are addressed.
  for (const origin of parents.length ? parents : origins) window.parent.postMessage({ type, version: 1 }, origin);
}

window.addEventListener("message", (event) => {
  if (event.source !== window.parent || !origins.includes(event.origin)) return;
  const { type, token } = event.data ?? {};
  if (type !== "sidebar:context" || (token !== null && typeof token !== "string")) return;
  document.dispatchEvent(new CustomEvent("sidebar:context", { detail: { token } }));
});
document.addEventListener("sidebar:renew", () => tell("sidebar:renew"));
document.addEventListener("sidebar:ready", () => tell("sidebar:ready"));
