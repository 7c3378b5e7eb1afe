// What every staff page does with keys: "/" goes to search, Escape closes an open menu.
const isTyping = (target) => target.closest("input, textarea, select, [contenteditable]");

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    const open = document.querySelector("details.account[open], details.explain[open], details.menu[open]");
    if (open) {
      open.open = false;
      open.querySelector("summary").focus();
    }
  }
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  const field = [...document.querySelectorAll(`[data-key="${CSS.escape(event.key)}"]`)].find(
    (element) => element.offsetParent !== null,
  );
  if (field) {
    event.preventDefault();
    if (field.matches("input")) field.select();
    field.focus();
  }
});

// A click elsewhere closes what floats.
document.addEventListener("click", (event) => {
  for (const open of document.querySelectorAll("details.account[open], details.explain[open], details.menu[open]")) {
    if (!open.contains(event.target)) open.open = false;
  }
});
