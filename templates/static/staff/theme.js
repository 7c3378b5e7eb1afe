// Light, dark or the system's choice; kept where unfold's own switch keeps it, so both agree.
// Loaded before the first paint. Without it the system's choice holds (CSS color-scheme).
(() => {
  const KEY = "_x_adminTheme";
  const dark = window.matchMedia("(prefers-color-scheme: dark)");

  function choice() {
    try {
      return JSON.parse(localStorage.getItem(KEY)) || "auto";
    } catch {
      return "auto";
    }
  }

  function apply() {
    const chosen = choice();
    const isDark = chosen === "dark" || (chosen === "auto" && dark.matches);
    document.documentElement.classList.toggle("dark", isDark);
    document.documentElement.classList.toggle("light", !isDark);
    for (const button of document.querySelectorAll("[data-theme-choice]")) {
      button.setAttribute("aria-pressed", String(button.dataset.themeChoice === chosen));
    }
  }

  apply();
  dark.addEventListener("change", apply);
  window.addEventListener("storage", apply);
  document.addEventListener("DOMContentLoaded", () => {
    for (const group of document.querySelectorAll(".theme-choice")) group.hidden = false;
    for (const button of document.querySelectorAll("[data-theme-choice]")) {
      button.addEventListener("click", () => {
        localStorage.setItem(KEY, JSON.stringify(button.dataset.themeChoice));
        apply();
      });
    }
    apply();
  });
})();
