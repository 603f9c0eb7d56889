// The contacts page's dialect: the admin's own session vouches for whom the panel is about.

async function vouch() {
  const answer = await fetch("proof", { method: "POST", headers: { "HX-Request": "true" } }).catch(() => null);
  if (answer?.status === 401) window.parent.location.reload(); // signed out: the page around us asks to sign in
  if (!answer?.ok) return;
  const { token } = await answer.json();
  document.dispatchEvent(new CustomEvent("sidebar:context", { detail: { token } }));
}
document.addEventListener("sidebar:renew", vouch);
document.addEventListener("sidebar:ready", vouch);
