// The widget on somebody else's page: a button and a frame. `c` is its configuration, put in front.
// No cookie, no style attribute, no eval; what it remembers is one number in localStorage.
const d = document, w = window, key = "verbatim:" + c.code;
const read = () => { try { return +localStorage.getItem(key) || 0; } catch { return 0; } };
const remember = () => { try { localStorage.setItem(key, Date.now()); } catch { } };
if (!c.origins.includes(location.origin)) return console.warn("Verbatim: " + location.origin + " is not among the websites of widget " + c.code);
if (d.getElementById("verbatim-" + c.code) || Date.now() - read() < c.days * 864e5) return;
const host = d.createElement("div"), root = host.attachShadow({ mode: "open" }), sheet = new CSSStyleSheet();
host.id = "verbatim-" + c.code;
const vars = (v) => "--f:" + v[0] + ";--o:" + v[1] + ";--r:" + v[2] + ";--p:" + v[3] + ";--i:" + v[4];
sheet.replaceSync(`:host{all:initial;${vars(c.light)};position:fixed;z-index:2147483000;inset-block-end:16px;inset-inline-end:16px;max-width:calc(100vw - 32px);font:600 16px/1.3 system-ui,sans-serif;color-scheme:light dark}
@media(prefers-color-scheme:dark){:host{${vars(c.dark)}}}
@media print{:host{display:none}}
button{font:inherit;cursor:pointer;border:2px solid var(--r);border-radius:24px;min-height:48px;min-width:48px;padding:0 18px;background:var(--f);color:var(--o)}
button:focus-visible,iframe:focus-visible{outline:3px solid var(--i);outline-offset:3px}
.x{padding:0;background:var(--p);color:var(--i)}
.bar,.top{display:flex;gap:8px;justify-content:flex-end}
.top{position:absolute;inset-block-start:4px;inset-inline-end:6px}
.box{position:relative;width:400px;max-width:100%;border:2px solid var(--r);border-radius:20px;overflow:hidden;background:var(--p);box-shadow:0 12px 40px #0005}
iframe{display:block;width:100%;height:420px;max-height:calc(100vh - 110px);border:0}
[hidden]{display:none}`);
root.adoptedStyleSheets = [sheet];
const make = (tag, facts, ...inside) => { const e = Object.assign(d.createElement(tag), facts); e.append(...inside); return e; };
const cross = (say) => { const b = make("button", { className: "x", type: "button", title: say }, "✕"); b.setAttribute("aria-label", say); return b; };
const open = make("button", { type: "button" }, c.label), hide = cross(c.hide), shut = cross(c.close);
const frame = make("iframe", { title: c.title });
const box = make("div", { className: "box", hidden: true }, make("div", { className: "top" }, shut), frame);
const bar = make("div", { className: "bar" }, open, hide);
box.setAttribute("role", "dialog");
box.setAttribute("aria-label", c.title);
open.setAttribute("aria-haspopup", "dialog");
host.lang = c.lang;
host.dir = c.dir;
root.append(box, bar);
let done = false, alone = false;
const show = (byItself) => {
  if (!frame.src) frame.src = c.src + (c.asked ? "?lang=" + c.lang : "");
  alone = byItself;
  box.hidden = false;
  bar.hidden = true;
  // What opens by itself must not take the keyboard away from what somebody is doing.
  if (!byItself) shut.focus();
};
const close = () => {
  box.hidden = true;
  bar.hidden = false;
  if (alone) remember();
  if (done) host.remove(); else if (!alone) open.focus();
};
open.onclick = () => show(false);
shut.onclick = close;
hide.onclick = () => { remember(); host.remove(); };
root.addEventListener("keydown", (event) => { if (event.key === "Escape" && !box.hidden) close(); });
w.addEventListener("message", ({ source, origin, data }) => {
  if (source !== frame.contentWindow || origin !== new URL(c.src).origin || data?.verbatim !== c.code) return;
  if (data.height > 0) frame.style.height = Math.min(data.height, 2000) + "px";
  if (data.done) { done = true; remember(); }
  if (data.close) close();
});
const start = () => { d.body.append(host); if (c.after != null) setTimeout(() => box.hidden && host.isConnected && show(true), c.after * 1000); };
if (d.body) start(); else d.addEventListener("DOMContentLoaded", start);
