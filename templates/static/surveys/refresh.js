// Keeps a page of running work up to date: fetches itself and swaps the live parts.
const PAUSE = 1500;

async function refresh() {
  if (document.hidden) return schedule();
  try {
    const response = await fetch(location.href, { headers: { Accept: "text/html" } });
    const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
    const parts = [...document.querySelectorAll("[data-live]")];
    for (const part of parts) {
      const twin = fresh.querySelector(`[data-live="${part.dataset.live}"]`);
      if (twin && twin.innerHTML !== part.innerHTML) part.replaceChildren(...twin.childNodes);
    }
    // The page that stopped changing by itself has other tools and no script: load it whole.
    if (!fresh.querySelector('script[src*="refresh"]')) return location.reload();
  } catch {
    // Away for a moment: the next round tries again.
  }
  schedule();
}

const schedule = () => setTimeout(refresh, PAUSE);
schedule();
