// What one call does: reading, typing, pressing, waiting. An answer {trouble: code, …} means: nothing was done.

// pages that were already there when something was pressed, and what has changed in them since
const seen = (window.hedangSeen ||= new WeakSet());
const watch = (docs) => {
  window.hedangWatch?.disconnect();
  const since = (window.hedangSince = { touched: new Set(), risen: new Set(), moved: performance.now(), begun: performance.now() });
  window.hedangWatch = new MutationObserver((records) => {
    since.moved = performance.now();
    for (const { type, target, addedNodes } of records) {
      since.touched.add(target.nodeType === 1 ? target : target.parentElement);
      if (type === "attributes") since.risen.add(target);
      for (const node of addedNodes) since.risen.add(node.nodeType === 1 ? node : target);
    }
  });
  const heard = { subtree: true, childList: true, characterData: true, attributes: true };
  for (const doc of docs) for (const root of roots(doc)) window.hedangWatch.observe(root, heard);
};
const TOP = /^(HTML|BODY)$/;
// whether an element came, or changed, since something was pressed on its page
const fresh = (node) => {
  const since = window.hedangSince;
  if (!since) return false;
  const inside = [...since.touched].some((t) => t && node.contains(t));
  return inside || [...since.risen].some((t) => !TOP.test(t.tagName) && t.contains(node));
};
const CALM = 150; // milliseconds without a change after which a page that was not left counts as ready …
const LONG = 1500; // … or this long after the press, for pages that never rest
const rested = () => {
  const { moved, begun } = window.hedangSince || { moved: 0, begun: 0 };
  return performance.now() - moved > CALM || performance.now() - begun > LONG;
};
const POLL = Math.min(5000, call.milliseconds / 2); // milliseconds after which a request counts as one that waits for news, not for this page's content
// whether a page still waits for something of its own: a list says at first that it is empty, a form that it has no values
const expecting = (target) => path(target.place).some((doc) => (doc.defaultView.hedangWaiting?.() ?? Infinity) < (target.settled ? Infinity : POLL));

const asking = () => pages().some((doc) => (doc.defaultView.hedangWaiting?.() ?? Infinity) < POLL);

// -- what covers a page

const near = (node) => {
  const box = node.getClientRects()[0];
  return box ? [box.left + box.width / 2, box.top + box.height / 2] : null;
};
// a control that a dressed-up one stands for cannot be seen itself: the box around both tells
const seenAs = (node) => {
  const box = node.getClientRects()[0];
  const hidden = box && (box.width <= 2 || box.height <= 2 || node.ownerDocument.defaultView.getComputedStyle(node).opacity === "0");
  return hidden && node.parentElement ? node.parentElement : node;
};
const covered = (control) => {
  let node = seenAs(control);
  node.scrollIntoView({ block: "nearest", inline: "nearest" });
  let point = near(node);
  while (point && node) {
    const root = node.getRootNode();
    const top = (root.elementFromPoint ? root : node.ownerDocument).elementFromPoint(...point);
    // null: outside of the window, which no layer explains; an ancestor: the node lets clicks through; a label of its own is no cover
    const own = top && (top === node || node.contains(top) || top.contains(node) || [...(node.labels || [])].some((l) => l.contains(top)));
    if (top && !own && root.host !== top) return true;
    const frame = node.ownerDocument.defaultView.frameElement;
    if (!frame) return false;
    const box = frame.getBoundingClientRect();
    point = [point[0] + box.left + frame.clientLeft, point[1] + box.top + frame.clientTop];
    node = frame;
  }
  return false;
};
const calm = (doc) => {
  let closed = false;
  for (const known of call.interruptions) {
    if (!lines(doc, known.text).length) continue;
    const buttons = pressable(doc, known.press);
    if (buttons.length === 1) {
      buttons[0].click();
      closed = true;
    }
  }
  return closed;
};
// a list or calendar that a field has opened closes when the mouse goes down elsewhere
const aside = (doc) => {
  fire(doc.body, [...DOWN, ...UP]);
  return true;
};
const GONE = 400; // milliseconds that a layer takes at most to go away
const free = async (nodes, places) => {
  const docs = [...new Set(places.flatMap(path))];
  const clear = () => !nodes.some(covered);
  for (const away of [calm, aside]) if (!clear() && docs.map(away).some(Boolean)) await until(clear, GONE);
  return clear();
};

// -- operations

const picked = (t) => t.widget === "suggest" && t.parts.open; // what is pressed and chosen from, whatever box tells the choice
const HELD = /^(calendar|lookup|tree|captcha)$/; // set by other means than typing, so that being locked says nothing
const tidy = (t, text) => (t.options.ignore ? [...text].filter((c) => !t.options.ignore.includes(c)).join("") : text);
const answering = (t) => (t.widget === "rows" ? grid(t) : find(t));
// where a record was asked for: what stands there is our own word, and proves nothing
const asks = (window.hedangAsks ||= new WeakSet());
const readOne = async (t) => {
  if (t.columns.length) return { count: find(t).length };
  if (t.parts.open && !STEPS[t.widget] && !find(t).length) await reach(t);
  if (t.widget === "rows") return { count: grid(t).length, kind: "rows", ...(grid(t).length === 1 ? { value: await told(t) } : {}) };
  const { nodes, lost } = sought(t);
  if (nodes.length !== 1) return { count: nodes.length, lost, kind: sealed(t) ? "sealed" : "" };
  if (t.parts.chosen && unsaid(t)) return { count: 0, lost };
  if (t.parts.chosen) return { count: 1, lost, kind: "several", value: chosenIn(t).join(BETWEEN) };
  const shown = show(nodes[0]);
  return { count: 1, lost, ...shown, asked: asks.has(nodes[0]), value: tidy(t, shown.value), locked: shown.locked && !HELD.test(t.widget) && !t.parts.open };
};
// a control that two labels or names lead to is nobody's: one of them has lost its own
const differ = (t, other) => ["label", "name"].some((way) => t[way] && other[way] && t[way] !== other[way]);
const contested = (shown) => {
  const held = call.targets.map((t, i) => (shown[i].count === 1 && shown[i].lost ? sought(t).nodes[0] : null));
  const bearers = new Map();
  held.forEach((node, i) => node?.matches(ANY) && bearers.set(node, [...(bearers.get(node) || []), call.targets[i]]));
  const twice = (node) => (bearers.get(node) || []).some((t, _, all) => all.some((other) => differ(t, other)));
  return shown.map((s, i) => (twice(held[i]) ? { count: 2, lost: s.lost } : s));
};
const read = async () => {
  const shown = [];
  for (const t of call.targets) shown.push(await readOne(t));
  return contested(shown);
};

// the page as its own server sent it; a script's own idea of the bytes would be another
const decoded = async (answer, like) => {
  const bytes = await answer.arrayBuffer();
  const head = new TextDecoder("latin1").decode(bytes.slice(0, 2048));
  const declared = /charset=["']?([\w-]+)/i;
  const [, charset] = declared.exec(answer.headers.get("content-type") || "") || declared.exec(head) || [];
  return new TextDecoder(charset || like.characterSet).decode(bytes);
};
// what the targets show in a page that is fetched within the session: its scripts do not run, and nothing of it is kept
const glance = async () => {
  const doc = page(call.place) || document;
  const how = { cache: "no-store", credentials: "same-origin", signal: AbortSignal.timeout(call.milliseconds) };
  const answer = await doc.defaultView.fetch(new URL(call.address, doc.URL), how);
  if (!answer.ok || answer.redirected) return { trouble: "http", status: answer.status };
  fetched = new DOMParser().parseFromString(await decoded(answer, doc), "text/html");
  return read();
};

const table = () => {
  const found = tables(page(call.target.place) || document, call.target.columns);
  if (found.length !== 1) return { trouble: "absent", count: found.length };
  const texts = (r) => (call.whole ? laidOut.get(r).map((cell) => trim(cell?.textContent)) : found[0].at.map((i) => textAt(r, i)));
  return found[0].rows.map(texts);
};

// what nobody can look into stands where the target is looked for
const shut = (node) => node.tagName === "CANVAS" || !!node.ownerDocument.defaultView.hedangSealed?.has(node);
const sealed = (t) => {
  const doc = page(t.place);
  const boxes = doc && t.label ? [...cells(doc, t.label).map((c) => c.nextElementSibling), ...neighbours(doc, t.label)] : [];
  return [...boxes, ...answering(t)].some((box) => box.nodeType === 1 && (shut(box) || [...box.querySelectorAll("*")].some(shut)));
};
// what a step of its own finds out later, or the value before it decides, is not asked here
const offered = (t, node, text) => {
  if (t.widget === "calendar") return !text || dated(t, text) !== null;
  if (t.widget === "rows") return rowsOffered(t, text);
  return STEPS[t.widget] || t.widget === "captcha" || t.widget === "file" || offers(node, text);
};
const refusal = (t, nodes, text) => {
  if (nodes.length !== 1) return sealed(t) ? { trouble: "sealed" } : { trouble: "absent", count: nodes.length };
  if (t.widget !== "rows" && shut(nodes[0])) return { trouble: "sealed" };
  if (t.widget === "rows") return offered(t, null, text) ? null : { trouble: "option" };
  if (locked(nodes[0]) && !HELD.test(t.widget) && t.widget !== "cascade" && !picked(t)) return { trouble: "locked" };
  if ((kind(nodes[0]) === "file") !== (t.widget === "file")) return { trouble: "locked" };
  return offered(t, nodes[0], text) ? null : { trouble: "option" };
};
// all of them are there, take input, offer their value and are not covered
const check = async () => {
  const nodes = [];
  for (const [index, [target, text]] of call.entries.entries()) {
    const there = target.widget === "rows" ? grid(target) : await reach(target);
    const wrong = refusal(target, there, text);
    if (wrong) return { ...wrong, index };
    if ((HELD.test(target.widget) || picked(target)) && target.parts.open) one(target.parts.open, "open");
    nodes.push(there[0]);
  }
  const solid = (n, i) => n.nodeType === 1 && !picked(call.entries[i][0]); // tables are told by their headers
  if (!(await free(nodes.filter(solid), call.entries.map(([t]) => t.place)))) return { trouble: "popup", index: nodes.findIndex((n, i) => solid(n, i) && covered(n)) };
  return { nodes };
};
const prove = async () => {
  const { nodes, ...wrong } = await check();
  return nodes ? [] : wrong;
};
// a control that stayed as it was told says so in the words of the call; anything else is told as it stands
const holdsNow = async (t, node, text, want) => {
  if (t.widget === "rows") return told(t);
  if (t.parts.chosen) return alike(chosenIn(t), parts(text)) ? text : chosenIn(t).join(BETWEEN);
  const now = node.isConnected ? node : find(t)[0];
  const held = !now ? "" : STEPS[t.widget] && (t.widget !== "cascade" || (text && t.options.by === "words")) ? reads(now) : value(now);
  if (t.widget === "tree") return [text, levels(t, text).at(-1)].includes(held) ? text : held;
  return held === want ? text : tidy(t, held);
};
const enter = async (t, node, text) => {
  const step = STEPS[t.widget];
  if (step) return step(t, text);
  const again = node.isConnected && !(t.parts.open && locked(node)) ? [node] : await reach(t);
  if (again.length !== 1) refuse("absent", { count: again.length });
  return type(again[0], text, t.mode);
};
const write = async () => {
  const { nodes, ...wrong } = await check();
  if (!nodes) return wrong;
  const wants = call.entries.map(([t, text], index) => (STEPS[t.widget] ? text : expected(nodes[index], text)));
  const cascading = call.entries.some(([t]) => t.widget === "cascade");
  for (const [index, [t, text]] of call.entries.entries()) {
    try {
      if (cascading) await after(() => enter(t, nodes[index], text));
      else if (STEPS[t.widget] || t.parts.open) await enter(t, nodes[index], text);
      else type(nodes[index], text, t.mode);
    } catch (error) {
      if (error.answer) return { ...error.answer, index };
      throw error;
    }
  }
  const drawn = call.entries.flatMap(([, text], index) => (nodes[index].matches?.(TOGGLE) ? [[nodes[index], text]] : []));
  if (drawn.length) await until(() => drawn.every(([node, text]) => value(node) === text), STILL); // a script ticks them a moment later
  // one control may ask the server for what another one is to hold
  if (asking()) await until(() => !asking(), POLL);
  const held = [];
  for (const [index, [t, text]] of call.entries.entries()) held.push(await holdsNow(t, nodes[index], text, wants[index]));
  return held;
};

// -- what the driver does with its own hands: real keys, files

const begin = async () => {
  const [[t]] = call.entries;
  const [node] = await reach(t);
  if (!node) return { trouble: "absent", count: 0 };
  window.hedangNode = node;
  node.focus();
  const all = paper(node) || (node.isContentEditable ? node : null);
  all ? all.ownerDocument.defaultView.getSelection().selectAllChildren(all) : node.select?.();
  return [kind(node)];
};
const end = async () => {
  const [[t, text]] = call.entries;
  const node = window.hedangNode;
  leave(node);
  return [await holdsNow(t, node, text, kind(node) === "checkbox" ? text : expected(node, text))];
};

const send = (node, target) => {
  if (target.mode !== "enter") return node.click();
  const view = node.ownerDocument.defaultView;
  const going = node.dispatchEvent(new view.KeyboardEvent("keydown", { key: "Enter", code: "Enter", keyCode: 13, bubbles: true, cancelable: true }));
  node.dispatchEvent(new view.KeyboardEvent("keyup", { key: "Enter", code: "Enter", keyCode: 13, bubbles: true }));
  if (going && node.form) node.form.requestSubmit();
};

// `index` tells which target an answer is about: the entries, then what is pressed, then the marks
const press = async () => {
  const index = (call.entries || []).length;
  let found = find(call.target);
  for (const opener of call.through) {
    if (found.length) break;
    const openers = find(opener);
    if (openers.length !== 1) return { trouble: "absent", index, count: openers.length };
    if (!(await free(openers, [opener.place]))) return { trouble: "popup", index };
    openers[0].click();
    forget();
    found = find(call.target);
  }
  if (found.length !== 1) return { trouble: "absent", index, count: found.length };
  if (!(await free(found, [call.target.place]))) return { trouble: "popup", index };
  const left = [...new Set(call.leaving.flatMap((t) => path(t.place).slice(t.place.length ? 1 : 0)))];
  left.forEach((doc) => seen.add(doc));
  watch(left);
  send(found[0], call.target);
  return { pressed: true };
};

// what leads to the next page of a list: on the last one it is gone, or only looks as if it could be pressed
const DEAD = /(^|[-_\s])disabled?($|[-_\s])/i;
const dead = (node) => !visible(node) || locked(node) || [node, node.closest("li")].some((n) => DEAD.test(n?.getAttribute("class") || ""));
const onward = async () => {
  const found = find(call.target).filter(visible);
  if (found.length > 1) return { trouble: "absent", count: found.length };
  if (!found.length || dead(found[0])) return { pressed: false, seen: found.length > 0 };
  if (!(await free(found, [call.target.place]))) return { trouble: "popup" };
  await after(() => click(found[0]));
  return { pressed: true };
};

const ANSWERED = [400, 409, 422]; // a form that was not accepted may be shown again under these
const status = (doc) => doc.defaultView.performance.getEntriesByType("navigation")[0]?.responseStatus || 0;
const there = (target) => {
  const docs = path(target.place);
  const last = docs[target.place.length];
  if (!last || last.readyState !== "complete" || expecting(target)) return false;
  if (!seen.has(last)) return marked(target);
  return shows(target).some((n) => visible(n) && fresh(n)) && rested();
};
const look = () => {
  if (location.protocol === "chrome-error:") return { trouble: "closed" };
  const ended = call.session.length > 0 && call.within && !seen.has(document) && call.session.every(marked);
  if (ended) return { trouble: "session" };
  for (const [index, target] of call.marks.entries()) {
    for (const doc of path(target.place)) {
      if (seen.has(doc) || doc.readyState !== "complete") continue;
      if (status(doc) >= 400 && !(ANSWERED.includes(status(doc)) && marked(target))) return { trouble: "http", status: status(doc) };
      calm(doc);
    }
    if (there(target)) return { mark: index };
  }
  return null;
};
// whether any page, in whichever frame the server has put it, asks for the login
const asked = () =>
  call.session.length > 0 &&
  pages().some((doc) => {
    const place = placeOf(doc);
    return place && call.session.every((t) => marked(t.place.length ? t : { ...t, place }));
  });
// what is there in place of a frame, or of columns, that never came; only marked headers are named: a row's cells are somebody's
const instead = () => {
  for (const { place, columns } of call.marks) {
    const docs = path(place);
    const name = place[docs.length - 1];
    if (name) return { name, frames: all(docs.at(-1), "frame,iframe").map((f) => f.name || f.id).filter(Boolean) };
    if (columns.length) return { columns: [...new Set(all(docs.at(-1), "th,[role=columnheader]").map((c) => trim(c.textContent)))].filter(Boolean).slice(0, 30) };
  }
  return {};
};
const arrive = async () => {
  const until = performance.now() + call.milliseconds;
  while (performance.now() < until) {
    forget();
    try {
      const found = look();
      if (found) return found;
    } catch (error) {
      // a frame that is being replaced under our hands has no window for a moment
      if (!(error instanceof TypeError)) throw error;
    }
    await new Promise((go) => setTimeout(go, 4));
  }
  if (call.within && asked()) return { trouble: "session" };
  return { trouble: "timeout", ...instead(), index: call.op === "follow" ? call.entries.length + 1 : 0 };
};

// a control that makes something else of what it was told would lead to another record
const kept = (held) => {
  if (held.trouble) return held;
  const index = call.entries.findIndex(([, text], i) => held[i] !== text);
  return index < 0 ? held : { trouble: "ignored", index };
};
// a page may be laid anew while it is typed into, and forget what was typed: then once more, for nothing was sent
const ask = async () => {
  const boxes = () => (forget(), call.entries.map(([t]) => find(t)[0]));
  const before = boxes();
  const held = kept(await write());
  if (held.trouble !== "ignored" || boxes().every((node, i) => node === before[i])) return held;
  await until(() => boxes().every(Boolean), OPENS);
  return kept(await write());
};
const follow = async () => {
  const told = await ask();
  if (told.trouble) return told;
  forget();
  for (const [t] of call.entries) for (const node of find(t)) asks.add(node);
  const pressed = await press();
  if (pressed.trouble) return pressed;
  forget();
  return arrive();
};

try {
  const answer = await { read, glance, table, prove, write, begin, end, press, turn: onward, arrive, follow, outline, erase, described, voiced, held }[call.op]();
  const missing = answer.trouble === "absent" || (call.op === "read" && answer.some((s) => s.count !== 1));
  return missing && call.within !== false && asked() ? { trouble: "session" } : answer;
} catch (error) {
  if (error.answer) return error.answer;
  // a page that the browser made itself (the connection broke) is closed to us
  if (error.name === "SecurityError" || error.message === "closed") return { trouble: "closed" };
  return { trouble: "absent", count: 0, script: String(error.name) };
}
