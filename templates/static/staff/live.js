// Keeps the page of the last thirty minutes new: fetches itself and swaps what is marked data-live.
// It rests while nobody looks, waits longer while the server is away, and stops when told to.
const EVERY = 10_000;
const LONGEST = 120_000;
const button = document.querySelector("[data-pause]");
const said = document.querySelector("[data-said]");
const late = document.querySelector("[data-late]");
let wait = EVERY;
let timer = 0;
let isPaused = false;

const trouble = (page) => page.querySelector("[data-trouble]")?.dataset.trouble ?? "";
const isFresh = (one, other) => one.innerHTML !== other.innerHTML;

function swap(fresh) {
  // A screen reader hears of new trouble only; everything else may be read whenever one likes.
  const told = trouble(fresh);
  if (told && told !== trouble(document)) said.textContent = told;
  for (const part of document.querySelectorAll("[data-live]")) {
    const twin = fresh.querySelector(`[data-live="${part.dataset.live}"]`);
    if (!twin || !isFresh(part, twin)) continue;
    const link = part.contains(document.activeElement) && document.activeElement.getAttribute("href");
    part.replaceChildren(...twin.childNodes);
    if (twin.dataset.trouble !== undefined) part.dataset.trouble = twin.dataset.trouble;
    if (link) part.querySelector(`a[href="${CSS.escape(link)}"]`)?.focus({ preventScroll: true });
  }
}

async function renew() {
  try {
    const reply = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (reply.status === 429 || reply.status >= 500) throw new Error(reply.status);
    // Signed out, or no longer allowed: the whole page says so.
    if (reply.redirected || !reply.ok) return location.reload();
    swap(new DOMParser().parseFromString(await reply.text(), "text/html"));
    wait = EVERY;
    late.hidden = true;
  } catch {
    wait = Math.min(LONGEST, wait * 2);
    late.hidden = false;
  }
  plan();
}

function plan(pause = wait) {
  clearTimeout(timer);
  if (!isPaused && !document.hidden) timer = setTimeout(renew, pause);
}

if (button && said) {
  const words = [button.textContent, button.dataset.resume];
  button.hidden = false;
  button.addEventListener("click", () => {
    isPaused = !isPaused;
    button.textContent = words[Number(isPaused)];
    plan(0);
  });
  document.addEventListener("visibilitychange", () => plan(0));
  plan();
}
