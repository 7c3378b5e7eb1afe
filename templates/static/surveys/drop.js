// A file dropped on the form, or chosen in it, is looked at right away.
const form = document.querySelector("[data-drop]");
const input = form.querySelector("input[type=file]");

for (const name of ["dragover", "dragleave", "drop"]) {
  form.addEventListener(name, (event) => {
    event.preventDefault();
    form.classList.toggle("is-over", name === "dragover");
  });
}
form.addEventListener("drop", (event) => {
  if (!event.dataTransfer.files.length) return;
  input.files = event.dataTransfer.files;
  form.requestSubmit();
});
input.addEventListener("change", () => input.files.length && form.requestSubmit());
