// Listens to a person: every value, press and Enter key is told with what was touched, before the page hears of it.

(() => {
  const PRESSES = "a,button,summary,input[type=button],input[type=submit],input[type=image],input[type=reset],[role=button],[role=link],[role=tab],[role=menuitem],[role=option]";
  const CONTROLS = "input:not([type=hidden]):not([type=submit]):not([type=button]):not([type=image]):not([type=reset]),select,textarea,[contenteditable=''],[contenteditable=true]";
  const page = `${performance.timeOrigin} ${window === window.top ? "" : location.pathname}`;
  const mine = new Set(); // the controls that the person set
  const ask = async (op, more) => {
    if (!window.top.hedang) throw new Error("closed");
    return window.top.hedang({ op, session: [], interruptions: [], milliseconds: 0, wanted: window.hedangWanted, typed: mine, ...more });
  };
  const tell = (what) => window.hedangTell(JSON.stringify({ page, window: !!window.top.opener, address: window.top.location.href, ...what }));
  // what nobody can look into
  const shut = (node) => (node.tagName === "CANVAS" ? "canvas" : window.hedangSealed?.has(node) ? "shadow" : "");
  const touched = (event) => event.composedPath().find((n) => n.nodeType === 1) || event.target;
  let before = null; // what the controls held when the page was first touched
  const secret = new WeakSet(); // those that ever hid what is typed, also while an eye shows it
  document.addEventListener("DOMContentLoaded", () => document.querySelectorAll("input[type=password]").forEach((n) => secret.add(n)));
  const note = async () => {
    document.querySelectorAll("input[type=password]").forEach((n) => secret.add(n));
    const now = await ask("held", { node: document }); // a page that scripts make shows its form later
    before ||= new Map();
    for (const [node, value] of now) if (!before.has(node)) before.set(node, value);
  };
  const moved = async () => {
    const now = await ask("held", { node: document });
    const other = now.filter(([n, value]) => !mine.has(n) && before?.has(n) && before.get(n) !== value && n.type !== "hidden");
    return Promise.all(other.map(([node]) => ask("described", { node })));
  };
  // what the page's boxes hold and held: none of it may get into the map
  const values = async () => {
    const told = [...(before || []), ...(await ask("held", { node: document }))];
    return told.filter(([node]) => !secret.has(node)).map(([, value]) => value);
  };
  const guard = (act) => async (event) => {
    if (!event.isTrusted) return;
    try {
      await act(event);
    } catch {
      window.hedangTell(JSON.stringify({ do: "lost", page, why: "frame" }));
    }
  };
  let entered = -Infinity; // when the Enter key was pressed: a browser then clicks the form's button by itself
  const listen = (name, act) => window.addEventListener(name, guard(act), true);

  listen("pointerdown", async (event) => {
    await note();
    const node = touched(event);
    if (shut(node)) tell({ do: "lost", why: shut(node) });
  });
  listen("keydown", async (event) => {
    await note();
    const node = touched(event);
    if (event.key !== "Enter" || node.tagName !== "INPUT" || !node.matches(CONTROLS)) return;
    mine.add(node);
    entered = performance.now();
    const [told, set, lines] = await Promise.all([ask("described", { node, secret: secret.has(node) }), moved(), ask("voiced")]);
    tell({ do: "enter", ...told, set, lines, values: await values() });
  });
  const typed = async (event) => {
    const node = touched(event);
    if (!node.matches?.(CONTROLS)) return;
    mine.add(node);
    tell({ do: "type", ...(await ask("described", { node, secret: secret.has(node) })) });
  };
  listen("change", typed);
  listen("focusout", async (event) => touched(event).isContentEditable && typed(event));
  listen("click", async (event) => {
    const node = touched(event).closest?.(PRESSES) || touched(event).closest?.("[onclick]");
    if (event.detail === 0 && performance.now() - entered < 50) return;
    if (!node || node.matches("body,html,form,table") || node.matches(CONTROLS)) return;
    if (node.closest("[role=option],[role=listbox]")) return; // a choice of a list is a value
    const [told, set, lines] = await Promise.all([ask("described", { node, press: true }), moved(), ask("voiced")]);
    tell({ do: "press", ...told, set, lines, values: await values() });
  });
})();
