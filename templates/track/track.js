(() => {
  const tag = document.currentScript;
  const { key, consent, friction = "", pages, flushAfter = 2000 } = tag.dataset;
  const url = new URL(`/u/${key}`, tag.src).href;
  const KEPT = "verbatim-user";
  const BEAT = 60;
  const MOST = 50;
  // A rage click: so many clicks on one thing, so near in milliseconds and in pixels.
  const CLICKS = 3;
  const WITHIN = 1000;
  const NEAR = 30;
  // Of rage clicks and of errors so many a page load, or a broken page would flood.
  const MOST_TROUBLE = 10;
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
  const add = (name, feature, isCore, more) => {
    queue.push({ id: newId(), name, feature, is_core: isCore, at: Date.now(), ...more });
    if (queue.length > 200) queue.shift();
    if (isAllowed) later();
  };

  // ---- Friction: names a developer gave, a tag, a type of error; never words of page or message.
  const FEATURE = "[data-verbatim-feature]";
  const THING = "[data-verbatim],a,button,summary,label,[role=button]";
  const TYPED = "textarea,select,input:not([type=button],[type=submit],[type=checkbox],[type=radio])";
  const left = { "rage-click": MOST_TROUBLE, error: MOST_TROUBLE };
  const trouble = (kind, name, feature) => {
    if (!isAllowed || !left[kind]) return;
    left[kind] -= 1;
    add(String(name).slice(0, 80), String(feature || "").slice(0, 80), false, { kind, page: page() });
  };
  // Parts of the path that may be an id are left out: what is not letters alone.
  const plain = (part) => /^([a-z_-]{1,24}(\.html?)?)?$/i.test(part) ? part : "…";
  const page = () => {
    if (pages === "off") return "";
    const own = document.body?.dataset.verbatimPage;
    return (own || location.pathname.split("/").map(plain).join("/")).slice(0, 120);
  };
  const featureOf = (element) => element?.closest(FEATURE)?.dataset.verbatimFeature;

  let burst = [];
  let isTold = false;
  const onClick = (event) => {
    const { target, clientX: x, clientY: y, timeStamp: at } = event;
    // Keys click without a place; a script clicks untrusted; fields are clicked to select words.
    if (!isAllowed || !event.isTrusted || !event.detail || !(target instanceof Element)) return;
    const known = target.closest(THING);
    const thing = known || target;
    const selects = !known && getComputedStyle(target).cursor !== "pointer" && !getSelection().isCollapsed;
    if (selects || target.isContentEditable || target.closest(`${TYPED},[data-verbatim-ignore]`)) {
      burst = [];
      return;
    }
    const last = burst.at(-1);
    const goesOn = last && last.thing === thing && at - last.at <= WITHIN && Math.hypot(x - burst[0].x, y - burst[0].y) <= NEAR;
    burst = [...(goesOn ? burst : []), { thing, x, y, at }].slice(-CLICKS);
    isTold &&= Boolean(goesOn);
    if (isTold || burst.length < CLICKS || at - burst[0].at > WITHIN) return;
    isTold = true;
    trouble("rage-click", thing.closest("[data-verbatim]")?.dataset.verbatim || thing.localName, featureOf(thing));
  };
  const onError = (error, file = "", row = 0) => {
    // Hidden by another house's script, or only called off: nobody's trouble here.
    if (error === null || error === undefined || error.name === "AbortError") return;
    const stack = String(error.stack || "").replace(`: ${error.message}\n`, "\n");
    const place = /(?:^\s*at (?:.*\()?|@)([\w+.-]+:\/\/[^\s()]+?):(\d+)(?::\d+)?\)?$/m;
    const [, url, line] = stack.match(place) || [0, file, row];
    if (/^[\w-]*extension:/.test(url)) return;
    const type = /^[\w$]{1,40}$/.test(error.name ?? "") ? error.name : "Error";
    const [script] = url.split(/[?#]/)[0].match(/[\w.~-]{1,40}\.[cm]?[jt]sx?$/) || ["page"];
    trouble("error", `${type} ${script}:${line}`, featureOf(document.body));
  };
  const isWatched = (what) => friction.split(/\s+/).includes(what);
  if (isWatched("clicks")) addEventListener("click", onClick, { capture: true, passive: true });
  if (isWatched("errors")) {
    addEventListener("error", (event) => onError(event.error, event.filename, event.lineno));
    addEventListener("unhandledrejection", (event) => onError(event.reason));
  }

  const calls = {
    push([name, ...rest]) { calls[name]?.(...rest); },
    identify(id, facts = {}) {
      user = String(id);
      customer = facts.customer ? String(facts.customer) : "";
      traits = { role: facts.role || "", language: document.documentElement.lang || "" };
      if (isAllowed) later();
    },
    track(name, { feature = "", core = true } = {}) { add(String(name), String(feature), Boolean(core)); },
    error(name, { feature = "" } = {}) { trouble("error", name, feature); },
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
