// Digits press the buttons that carry them, and a theme is tried out while it is written.
// Without this module every button works by itself.
const isTyping = (target) => target.closest("input, textarea, select, [contenteditable]");

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || isTyping(event.target)) return;
  document.querySelector(`[data-digit="${CSS.escape(event.key)}"]`)?.click();
});

const form = document.querySelector("[data-try]");
const panel = document.querySelector("[data-trial]");
const PAUSE = 600;
let waiting = 0;
let latest = 0;

async function tryOut() {
  const mine = ++latest;
  const body = new FormData(form);
  body.set("try", "1");
  panel.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(location.href, { method: "POST", body });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.querySelector("[data-trial]");
    if (mine === latest && answer.ok && fresh) panel.replaceChildren(...fresh.childNodes);
  } catch {
    // Away for a moment: the button still works.
  }
  if (mine === latest) panel.removeAttribute("aria-busy");
}

form?.addEventListener("input", (event) => {
  if (event.target.name === "name") return;
  clearTimeout(waiting);
  waiting = setTimeout(tryOut, PAUSE);
});
