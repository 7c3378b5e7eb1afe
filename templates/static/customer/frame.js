// Inside a widget: tell the page around us how high we are, that an answer is stored, and Escape.
const code = document.querySelector("meta[name=widget]").content;
const tell = (news) => parent.postMessage({ verbatim: code, ...news }, "*"); // nothing of anybody
const size = () => tell({ height: Math.ceil(document.documentElement.getBoundingClientRect().height) });
new ResizeObserver(size).observe(document.documentElement);
if (/\/thanks$/.test(location.pathname)) tell({ done: true });
addEventListener("keydown", (event) => {
  if (event.key === "Escape") tell({ close: true });
});
