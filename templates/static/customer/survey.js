// Comfort only: the page does all of its work without this file.
const form = document.querySelector("form.sheet, form.more");
let last = 0;
addEventListener("keydown", ({ target, key, timeStamp, ctrlKey, metaKey, altKey }) => {
  if (target.type !== "radio" || ctrlKey || metaKey || altKey) return;
  const find = (value) => [...document.getElementsByName(target.name)].find((input) => input.value === value);
  // 1 and quickly 0 means 10.
  const input = (timeStamp - last < 900 && find(target.value + key)) || find(key);
  last = timeStamp;
  if (input) { input.checked = true; input.focus(); }
});
form?.addEventListener("submit", (event) => {
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = 1;
  setTimeout(() => delete form.dataset.sent, 3000);
});
// Evidence of a person: that there was a trusted tap or key, never where or when.
const gesture = form?.elements.gesture;
if (gesture) {
  gesture.value = "none";
  const note = ({ isTrusted, type }) => {
    if (isTrusted && navigator.userActivation?.hasBeenActive !== false) gesture.value = type === "keydown" ? "key" : "pointer";
  };
  for (const type of ["pointerdown", "touchend", "click", "keydown"]) addEventListener(type, note, true);
}
document.getElementById("problem")?.focus();
