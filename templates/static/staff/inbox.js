// The inbox by keyboard: j and k move, Enter opens without a full page, e presses "Done".
// Without this module every row is an ordinary link.
const wide = window.matchMedia("(min-width: 861px)");
const reading = document.querySelector("[data-reading]");
const rows = () => [...document.querySelectorAll("[data-row]")];
const isTyping = (target) => target.closest("input, textarea, select, [contenteditable]");

async function open(link, { remembers = true } = {}) {
  const answer = await fetch(link.href, { headers: { Accept: "text/html" } });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.querySelector("[data-reading]");
  if (!answer.ok || !fresh) {
    location.href = link.href;
    return;
  }
  reading.replaceChildren(...fresh.childNodes);
  reading.querySelector("article")?.scrollTo(0, 0);
  for (const row of rows()) row.toggleAttribute("aria-current", row === link);
  link.setAttribute("aria-current", "true");
  if (remembers) history.pushState({ row: link.dataset.row }, "", link.href);
}

function move(step) {
  const listed = rows();
  const at = listed.findIndex((row) => row === document.activeElement);
  const from = at >= 0 ? at : listed.findIndex((row) => row.hasAttribute("aria-current"));
  const target = listed[from + step];
  if (target) {
    target.focus();
    target.scrollIntoView({ block: "nearest" });
    return;
  }
  document.querySelector(step > 0 ? "[data-older]" : "[data-newer]")?.click();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  if (event.key === "j") move(1);
  if (event.key === "k") move(-1);
  if (event.key === "e") document.querySelector("[data-press]")?.click();
});

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-row]");
  if (!link || !wide.matches || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  open(link);
});

window.addEventListener("popstate", () => location.reload());
document.querySelector("[data-row][aria-current]")?.scrollIntoView({ block: "nearest" });
