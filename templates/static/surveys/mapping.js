// A changed column or encoding is looked at again at once.
const form = document.querySelector("[data-mapping]");
form.addEventListener("change", (event) => {
  if (event.target.matches("select")) form.requestSubmit(form.querySelector("[name=look]"));
});
