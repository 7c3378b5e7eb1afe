// Shows only the fields that the chosen kind of question needs.
const form = document.querySelector("[data-question]");

function update() {
  const kind = form.querySelector("input[name=kind]:checked")?.value ?? "";
  for (const part of form.querySelectorAll("[data-for]")) {
    part.hidden = !part.dataset.for.split(" ").includes(kind);
  }
}

form.addEventListener("change", update);
update();
