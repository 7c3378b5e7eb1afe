// A button that copies the key; without clipboard access it stays hidden.
const button = document.querySelector("[data-copy-button]");
if (button && navigator.clipboard) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.querySelector("[data-copy]").textContent);
    button.textContent = button.dataset.done;
  });
}
