// Shows what a form would do while it is being written: posts it with "look" and swaps [data-live].
const form = document.querySelector("form[data-look]");
let timer = 0;
let asked = 0;

async function look() {
  const mine = ++asked;
  const data = new FormData(form);
  data.set("look", "1");
  const response = await fetch(location.href, { method: "POST", body: data });
  const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
  if (mine !== asked) return;
  for (const part of document.querySelectorAll("[data-live]")) {
    const twin = fresh.querySelector(`[data-live="${part.dataset.live}"]`);
    if (twin) part.replaceChildren(...twin.childNodes);
  }
}

form.querySelector("[name=look]").hidden = true;
form.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(() => look().catch(() => {}), 400);
});
