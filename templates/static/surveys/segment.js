// Counts who is in the segment while it is being written, and offers known values.
const form = document.querySelector("[data-segment]");
const count = document.querySelector("[data-live=members]");
const values = document.querySelector("#values");
let timer = 0;
let asked = 0;

async function look() {
  const mine = ++asked;
  const data = new FormData(form);
  data.set("look", "");
  const response = await fetch(location.href, { method: "POST", body: data });
  const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
  const twin = fresh.querySelector("[data-live=members]");
  if (twin && mine === asked) count.replaceChildren(...twin.childNodes);
}

form.querySelector("[data-look]").hidden = true;
form.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(() => look().catch(() => {}), 300);
});

// The values on offer are those of the property in the same row.
form.addEventListener("focusin", (event) => {
  if (!event.target.matches("[name$=-value]")) return;
  const name = event.target.closest(".condition").querySelector("[name$=-property]").value;
  const known = form.querySelector(`[data-values-of="${CSS.escape(name)}"]`);
  values.replaceChildren(...(known ? [...known.children].map((option) => option.cloneNode()) : []));
});
