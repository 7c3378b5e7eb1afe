// Keeps the preview in step with the editor, and asks before typed words are left behind.
// Without this script each preview button posts the form into the frame by itself.
const preview = document.querySelector("[data-preview]");
const screen = preview?.querySelector("[data-size]");
const buttons = preview ? [...preview.querySelectorAll("button[name=part]")] : [];
let current = buttons.find((button) => button.getAttribute("aria-pressed") === "true") ?? buttons[0];

for (const button of buttons) {
  button.addEventListener("click", () => {
    current = button;
    screen.dataset.size = button.dataset.view;
    const head = preview.querySelector("[data-mail-head]");
    if (head) head.hidden = button.value !== "mail";
    for (const other of buttons) other.setAttribute("aria-pressed", String(other === button));
    button.closest("details")?.removeAttribute("open");
  });
}

const form = document.querySelector("form[data-guard]");
if (form && preview) {
  const isShown = preview.dataset.form !== undefined; // what is typed, not what is stored
  let timer = 0;
  let isDirty = false;
  form.addEventListener("input", () => {
    isDirty = true;
    if (!isShown) return;
    clearTimeout(timer);
    timer = setTimeout(() => form.requestSubmit(current), 450);
  });
  form.addEventListener("submit", (event) => {
    if (!buttons.includes(event.submitter)) isDirty = false;
  });
  window.addEventListener("beforeunload", (event) => {
    if (isDirty) event.preventDefault();
  });
}
