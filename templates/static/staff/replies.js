// Drafts of replies: copy one, or open it in the mail program as it was edited. Nothing is sent.
// Listens on the document, because the inbox puts fresh drafts in place.
const LONGEST = 1900; // as feedback/mail_links.py
const encoded = (text) => encodeURIComponent(text.toWellFormed?.() ?? text);

function gapIn(form) {
  const text = form.querySelector("textarea").value;
  return form.dataset.gaps.split(" ").find((gap) => gap && text.includes(gap));
}

function mailLink(form) {
  const body = form.querySelector("textarea").value.replace(/\r?\n/g, "\r\n");
  const [local, domain] = form.dataset.to.split(/@(?=[^@]*$)/);
  const to = `${encoded(local)}@${encoded(domain)}`;
  return `mailto:${to}?subject=${encoded(form.dataset.subject)}&body=${encoded(body)}`;
}

// Show the mail link for the text as it stands, and say why when there is none.
function refresh(form) {
  const told = form.querySelector("[data-told]");
  const link = form.querySelector("[data-mail]");
  told.textContent = "";
  if (!link) return;
  const href = mailLink(form);
  const isLong = href.length > LONGEST;
  link.hidden = isLong || Boolean(gapIn(form));
  link.href = href;
  if (isLong) told.textContent = told.dataset.longWords;
}

function count(form) {
  // Best effort: that it was used is worth knowing, not worth a failure.
  fetch(form.action, { method: "POST", body: new FormData(form), keepalive: true }).catch(() => {});
}

async function copy(form, button) {
  const box = form.querySelector("textarea");
  const told = form.querySelector("[data-told]");
  const gap = gapIn(form);
  if (gap) {
    const at = box.value.indexOf(gap);
    box.focus();
    box.setSelectionRange(at, at + gap.length);
    told.textContent = told.dataset.gapWords;
    return;
  }
  try {
    await navigator.clipboard.writeText(box.value);
  } catch {
    box.select(); // no clipboard without https: the usual keys copy it
    return;
  }
  told.textContent = button.dataset.done;
  count(form);
}

document.addEventListener("input", (event) => {
  const form = event.target.closest("[data-draft]");
  if (form) refresh(form);
});

document.addEventListener("click", (event) => {
  const form = event.target.closest("[data-draft]");
  if (!form) return;
  const button = event.target.closest("[data-copy]");
  if (button) copy(form, button);
  if (event.target.closest("[data-mail]")) count(form);
});
