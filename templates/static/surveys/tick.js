// One box ticks all boxes of the page.
const all = document.querySelector("[data-tick-all]");
all?.addEventListener("change", () => {
  for (const box of document.querySelectorAll("[name=invitation]")) box.checked = all.checked;
});
