(() => {
  const tag = document.currentScript;
  const { key, consent, flushAfter = 2000 } = tag.dataset;
  const url = new URL(`/u/${key}`, tag.src).href;
  const KEPT = "verbatim-user";
  const BEAT = 60;
  const MOST = 50;
  const newId = () => crypto.randomUUID ? crypto.randomUUID() : [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, "0")).join("");
  let isAllowed = consent !== "required";
  let mayKeep = false;
  let user = "";
  let customer = "";
  let traits;
  let queue = [];
  let timer = 0;
  let pause = 0;
  let seen = 0;

  // Who nobody named is a number that lasts as long as the page; only consent keeps it longer.
  const person = () => {
    if (user) return user;
    try {
      user = (mayKeep && localStorage.getItem(KEPT)) || `anonymous-${newId()}`;
      if (mayKeep) localStorage.setItem(KEPT, user);
    } catch {
      user = `anonymous-${newId()}`;
    }
    return user;
  };
  const body = (events) => JSON.stringify({
    user: person(), customer, traits,
    events: events.map(({ at, ...event }) => ({ ...event, age: Math.max(0, Math.round((Date.now() - at) / 1000)) })),
  });
  const later = () => { timer ||= setTimeout(send, Math.max(pause, Number(flushAfter))); };

  async function send() {
    timer = 0;
    if (!isAllowed || (!queue.length && !traits)) return;
    const part = queue.splice(0, MOST);
    try {
      // text/plain needs no question beforehand; the server looks at where it comes from.
      const reply = await fetch(url, { method: "POST", body: body(part), keepalive: true, credentials: "omit" });
      if (reply.status === 429 || reply.status >= 500) throw new Error(reply.status);
      const told = await reply.json();
      if (told.errors && told.errors.length) console.warn("verbatim:", told.errors);
      traits = undefined;
      pause = 0;
    } catch {
      queue = [...part, ...queue].slice(0, 200);
      pause = Math.min(60000, pause * 2 || 4000);
    }
    if (queue.length) later();
  }
  const add = (name, feature, isCore) => {
    queue.push({ id: newId(), name, feature, is_core: isCore, at: Date.now() });
    if (queue.length > 200) queue.shift();
    if (isAllowed) later();
  };

  const calls = {
    push([name, ...rest]) { calls[name]?.(...rest); },
    identify(id, facts = {}) {
      user = String(id);
      customer = facts.customer ? String(facts.customer) : "";
      traits = { role: facts.role || "", language: document.documentElement.lang || "" };
      if (isAllowed) later();
    },
    track(name, { feature = "", core = true } = {}) { add(String(name), String(feature), Boolean(core)); },
    consent(isGiven) {
      isAllowed = mayKeep = Boolean(isGiven);
      if (isAllowed) return later();
      queue = [];
      try { localStorage.removeItem(KEPT); } catch { /* nothing was kept */ }
    },
  };
  setInterval(() => {
    if (document.hidden || !isAllowed || !user) return;
    seen += 5;
    if (seen >= BEAT) { seen = 0; add("heartbeat", "", false); }
  }, 5000);
  addEventListener("pagehide", () => {
    if (isAllowed && queue.length && navigator.sendBeacon(url, body(queue.slice(0, MOST)))) queue = queue.slice(MOST);
  });
  const waiting = Array.isArray(window.verbatim) ? window.verbatim : [];
  window.verbatim = calls;
  waiting.forEach(calls.push);
})();
