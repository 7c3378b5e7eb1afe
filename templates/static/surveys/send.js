// Choosing beside a select or in the text field chooses its source; a form is sent once.
const audience = document.querySelector("[data-audience]");
for (const name of ["segment", "upload", "addresses"]) {
  audience.elements[name]?.addEventListener("input", () => {
    audience.querySelector(`[name=source][value=${name}]`).checked = true;
  });
}

document.querySelector("[data-once]")?.addEventListener("submit", (event) => {
  const form = event.currentTarget;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "1";
});
window.addEventListener("pageshow", () => delete document.querySelector("[data-once]")?.dataset.sent);
