// Widgets that take several steps. What they offer shows only on the way; where they do not, the call ends there and nothing is sent.

const refuse = (trouble, more = {}) => {
  throw Object.assign(new Error(trouble), { answer: { trouble, ...more } });
};
const sleep = (milliseconds) => new Promise((go) => setTimeout(go, milliseconds));
const until = async (test, milliseconds = call.milliseconds) => {
  for (const end = performance.now() + milliseconds; performance.now() < end; await sleep(8)) {
    forget();
    try {
      const found = test();
      if (found) return found;
    } catch (error) {
      // a frame or window that is being replaced has no page for a moment
      if (!(error instanceof TypeError)) throw error;
    }
  }
  return null;
};

// -- waiting for what a press causes

const STILL = 250; // milliseconds after which a press that changed nothing counts as without effect …
const REST = 60; // … and after which a page that changed has come to rest
const OPENS = call.milliseconds * 0.3; // milliseconds that a layer or window, or what it offers, has to come
const pages = () => {
  const found = [document, ...opened().map((w) => w.document)];
  for (const doc of found) for (const frame of all(doc, "frame,iframe")) if (frame.contentDocument) found.push(frame.contentDocument);
  return found;
};
const after = async (act) => {
  const before = pages();
  const begun = performance.now();
  let moved = 0;
  const watcher = new MutationObserver(() => (moved = performance.now()));
  const heard = { subtree: true, childList: true, characterData: true, attributes: true };
  before.forEach((doc) => roots(doc).forEach((root) => watcher.observe(root, heard)));
  try {
    await act();
    await until(() => {
      const now = pages();
      if (now.some((doc) => doc.readyState !== "complete" || (doc.defaultView.hedangWaiting?.() ?? null) !== null)) {
        moved = performance.now();
        return false;
      }
      const other = now.length !== before.length || now.some((doc) => !before.includes(doc));
      return performance.now() - Math.max(moved, begun) > (moved || other ? REST : STILL);
    });
  } finally {
    watcher.disconnect();
    forget();
  }
};

// -- pressing

const click = (node) => {
  fire(node, DOWN);
  node.focus?.();
  fire(node, UP);
  node.click();
};
const one = (t, part) => {
  const found = find(t);
  if (found.length !== 1) refuse("absent", { count: found.length, part });
  if (covered(found[0])) path(t.place).forEach(calm);
  if (covered(found[0])) refuse("popup", { part });
  return found[0];
};
const touch = (t, part) => after(() => click(one(t.parts[part], part)));
const shownOnce = (t) => {
  const found = find(t).filter(visible);
  return found.length === 1 ? found[0] : null;
};
const open = async (t, mark) => {
  if (mark()) return;
  const opener = t.parts.open ? one(t.parts.open, "open") : one(t, "");
  await after(() => click(opener));
  if (!(await until(mark, OPENS))) refuse("timeout", { part: "open" });
};
// a control behind a tab, a folded box or a click: it is pressed for when it is hidden or locked
const ready = (t) => {
  const found = find(t);
  return found.length === 1 && visible(seenAs(found[0])) && !locked(found[0]) ? found : null;
};
const reach = async (t) => {
  if (!t.parts.open || STEPS[t.widget] || ready(t)) return find(t);
  await touch(t, "open");
  return (await until(() => ready(t), OPENS)) || find(t);
};

// -- calendar

const MONTHS = ["一月", "二月", "三月", "四月", "五月", "六月", "七月", "八月", "九月", "十月", "十一月", "十二月"];
const ENGLISH = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const monthOf = (text) => {
  const word = bare(text);
  const named = MONTHS.indexOf(word.match(/十?[一二三四五六七八九十]月/)?.[0]) + 1 || ENGLISH.findIndex((m) => word.includes(m)) + 1;
  return named || Number(word.replace(/\d{4}/, "").match(/\d{1,2}/)?.[0]) || 0;
};
// a date as the control writes it; `format` tells the order where the year does not come first: D/M/Y
const dated = (t, text) => {
  const order = (t.options.format || "YMD").toUpperCase().match(/[YMD]/g).filter((l, i, letters) => letters.indexOf(l) === i);
  const compact = text.match(/^(\d{4})(\d\d)(\d\d)$/);
  const numbers = compact ? compact.slice(1) : text.match(/\d+/g) || [];
  const [year, month, day] = ["Y", "M", "D"].map((letter) => Number(numbers[order.indexOf(letter)]));
  const real = new Date(year, month - 1, day);
  return numbers.length >= 3 && real.getMonth() === month - 1 && real.getFullYear() === year ? { year, month, day } : null;
};
// the days of the shown month: the only unbroken run from 1 to its last day
const days = (box, { year, month }) => {
  const long = new Date(year, month, 0).getDate();
  const cells = innermost(all(box, "*").filter((n) => visible(n) && /^\d{1,2}$/.test(trim(n.textContent))));
  const runs = cells.map((_, at) => cells.slice(at, at + long)).filter((run) => run.length === long && run.every((n, i) => Number(n.textContent) === i + 1));
  return runs.length === 1 ? runs[0] : [];
};
const pickBy = (node, number) => {
  const meant = choices(node).filter((c) => (monthOf(c.words) || Number(c.words.match(/\d+/)?.[0])) === number || Number(c.words.match(/\d{4}/)?.[0]) === number);
  if (choices(node).length && meant.length !== 1) refuse("option");
  type(node, meant.length ? meant[0].value : String(number));
};
const turn = async (t, { year, month }) => {
  for (const [part, number] of [["year", year], ["month", month]]) if (t.parts[part]) await after(() => pickBy(one(t.parts[part], part), number));
  const title = () => trim(one(t.parts.title, "title").textContent);
  while (t.parts.title) {
    const before = title();
    const left = year * 12 + month - Number(before.match(/\d{4}/)?.[0]) * 12 - monthOf(before);
    if (!left) return;
    await touch(t, left > 0 ? "next" : "previous");
    if (title() === before || !left) refuse("option", { part: "title" });
  }
};
const calendar = async (t, text) => {
  const node = one(t, "");
  if (!text) return put(node, ""), fire(node, ["input", "change"]);
  const day = dated(t, text);
  const layer = () => shownOnce(t.parts.layer);
  await open(t, layer);
  await turn(t, day);
  const run = days(layer(), day);
  if (!run.length) refuse("absent", { count: 0, part: "layer" });
  await after(() => click(run[day.day - 1]));
  if (t.parts.press && layer()) await touch(t, "press");
  if (layer()) aside(node.ownerDocument);
};

// -- cascade: its choices come once the one before it is set (the entries before it are typed with `after`)

const cascade = async (t, text) => {
  const able = () => {
    const found = find(t);
    return found.length === 1 && !locked(found[0]) && offers(found[0], text) && (t.options.by !== "words" || byWords(found[0], text)) ? found[0] : null;
  };
  const node = await until(able, OPENS);
  if (!node) refuse("option");
  type(node, text, t.mode);
};

// -- suggest: typed, and picked from the list that answers; with `open` it is pressed first, and typed only where something is searched

const listBoxes = (t) => find(t.parts.list).filter(visible);
const typeIn = (node, text) => after(() => {
  node.focus();
  put(node, text);
  fire(node, ["keydown", "input", "keyup"]);
});
// lists that draw only what can be seen show the rest when they are rolled
const roll = async (box) => {
  const rolls = [box, ...all(box, "*")].filter((n) => n.scrollHeight > n.clientHeight + 4 && /auto|scroll/.test(n.ownerDocument.defaultView.getComputedStyle(n).overflowY));
  const before = rolls.map((n) => n.scrollTop);
  await after(() => rolls.forEach((n) => (n.scrollTop += n.clientHeight * 0.8)));
  return rolls.some((n, i) => n.scrollTop !== before[i]);
};
const offeredIn = (t, text) => {
  const found = innermost(listBoxes(t).flatMap((box) => lines(box.ownerDocument, text).filter((n) => box.contains(n))));
  return found.length > 1 ? found.filter((n) => clearly(n) && !covered(n)) : found; // some lists are kept twice, once for readers aloud
};
const offeredSoon = async (t, text) => {
  const found = await until(() => (offeredIn(t, text).length ? offeredIn(t, text) : null), OPENS);
  if (found || t.parts.search || !t.parts.open) return found || [];
  for (let turns = 0; turns < 200 && !offeredIn(t, text).length; turns += 1) if (!listBoxes(t).length || !(await roll(listBoxes(t)[0]))) break;
  return offeredIn(t, text);
};
// a box that is searched in may lie below the choice that it stands for
const searchBox = (t) => {
  const found = find(t.parts.search).filter(visible);
  if (found.length !== 1) refuse("absent", { count: found.length, part: "search" });
  return found[0];
};
const GOES = 1000; // milliseconds that a list takes at most to go away
// several choices: what is chosen stands in boxes of its own, or in one with something between the words
const chosenIn = (t) => {
  const words = find(t.parts.chosen).filter((n) => visible(n) && !n.matches("[class*=placeholder]")).map((n) => trim(n.textContent));
  return words.flatMap((w) => (t.options.between ? w.split(t.options.between).map(trim) : [w])).filter(Boolean);
};
// nothing is chosen, or the map looks for it in the wrong place: then words stand in the box that opens the list. A button's are its own
const QUIET = `[class*=placeholder],label,textarea,select,script,style,${ICONS}`;
const unsaid = (t) => {
  if (find(t.parts.chosen).length || !t.parts.open) return false;
  return find(t.parts.open).filter((n) => !n.matches("button,a,input")).some((box) => {
    const seen = (n) => visible(n) && n.getClientRects()[0].width > 2 && !box.contains(n.closest(QUIET));
    const texts = [...all(box, "*"), box].filter(seen).flatMap((n) => [...n.childNodes]).filter((n) => n.nodeType === 3);
    return texts.some((n) => /[\p{L}\p{N}]/u.test(n.data) && trim(n.data) !== t.label);
  });
};
const alike = (some, others) => some.length === others.length && new Set(some).size === some.length && some.every((w) => others.includes(w));
const askable = (t) => listBoxes(t).length > 0 || (t.parts.search && find(t.parts.search).some(visible));
const several = async (t, text) => {
  const want = parts(text);
  if (unsaid(t)) refuse("absent", { count: 0, part: "chosen" });
  await until(() => !listBoxes(t).length, GOES); // that of the control before this one
  const turned = [...chosenIn(t).filter((w) => !want.includes(w)), ...want.filter((w) => !chosenIn(t).includes(w))];
  for (const word of turned) {
    await open(t, () => askable(t));
    if (t.parts.search) await typeIn(searchBox(t), word);
    const found = await offeredSoon(t, word);
    if (found.length !== 1) refuse(found.length ? "several" : asking() ? "timeout" : "option", { part: "list" });
    await after(() => click(found[0]));
    if (!(await until(() => chosenIn(t).includes(word) === want.includes(word), OPENS))) refuse("ignored");
  }
  for (const doc of listBoxes(t).map((box) => box.ownerDocument)) aside(doc);
  if (!(await until(() => !listBoxes(t).length, GOES)) && t.parts.open) await touch(t, "open"); // what opened it closes it
};
const suggest = async (t, text) => {
  if (t.parts.chosen) return several(t, text);
  const node = t.parts.open ? null : one(t, "");
  if (!node) {
    await until(() => !listBoxes(t).length, GOES); // that of the control before this one
    await open(t, () => askable(t));
  } else if (!text) return type(node, "");
  if (t.parts.search) await typeIn(searchBox(t), text);
  else if (node && t.mode !== "keys") await typeIn(node, text);
  const found = text ? await offeredSoon(t, text) : [];
  if (found.length !== 1) {
    if (node) put(node, "");
    refuse(found.length ? "several" : asking() ? "timeout" : "option", { part: "list" });
  }
  await after(() => click(found[0]));
  if (node) leave(node);
  else await until(() => !listBoxes(t).length, GOES); // so that it covers nothing that is pressed next
};

// -- lookup: a layer or window with its own search and pages

const sheet = (t) => {
  const found = tables(page((t.parts.search || t.parts.pick || t.parts.next).place) || document, [t.options.column]).filter((s) => s.rows.length);
  return found.length === 1 ? found[0] : { at: [0], rows: [] };
};
const hits = (t, text) => {
  const { at, rows } = sheet(t);
  return rows.filter((row) => textAt(row, at[0]) === text && visible(row));
};
const further = (t) => {
  const found = t.parts.next ? find(t.parts.next).filter((n) => visible(n) && !locked(n)) : [];
  return found.length === 1 ? found[0] : null;
};
const query = async (t, text) => {
  if (t.parts.search) type(one(t.parts.search, "search"), text);
  if (t.parts.press) await touch(t, "press");
};
const content = (t) => sheet(t).rows.map((row) => row.textContent).join("\n");
// on which page the only row is; all pages are looked through, because a second one would leave open which is meant
const located = async (t, text) => {
  const found = [];
  for (let at = 0, seenBefore = new Set(); !seenBefore.has(content(t)); at += 1) {
    seenBefore.add(content(t));
    hits(t, text).forEach(() => found.push(at));
    const next = further(t);
    if (!next) return { found, at };
    await after(() => click(next));
    if (seenBefore.has(content(t))) return { found, at };
  }
  return { found, at: -1 };
};
const lookup = async (t, text) => {
  const mark = () => {
    const first = t.parts.search || t.parts.pick;
    return first ? shows(first).filter(visible).length > 0 && page(first.place).readyState === "complete" : content(t);
  };
  await open(t, mark);
  await query(t, text);
  const { found, at } = await located(t, text);
  if (found.length !== 1) {
    if (t.parts.close) await touch(t, "close");
    refuse(found.length ? "several" : "option");
  }
  if (found[0] !== at) {
    await query(t, text);
    for (let i = 0; i < found[0]; i += 1) await after(() => click(further(t)));
  }
  const [row] = hits(t, text);
  if (!row) refuse("option");
  const inRow = t.parts.pick ? sought(t.parts.pick, row).nodes : [cellAt(row, sheet(t).at[0])];
  if (inRow.length !== 1) refuse("absent", { count: inRow.length, part: "pick" });
  await after(() => {
    click(inRow[0]);
    if (!t.parts.pick && inRow[0].isConnected) fire(inRow[0], ["dblclick"]);
  });
  if (t.parts.close && mark()) await touch(t, "close");
};

// -- tree: a path, level by level

const levels = (t, text) => text.split(t.options.between || "/");
const branch = (t) => (t.parts.layer ? shownOnce(t.parts.layer) : page((t.parts.open || t).place)?.body);
// what hangs below a node: in its list item, or in the box after its row
const below = (node, box) => {
  const item = node.closest("li");
  if (item && box.contains(item)) return item;
  for (let row = node; row && row !== box; row = row.parentElement) if (row.nextElementSibling?.querySelector("*")) return row.nextElementSibling;
  return null;
};
const twigs = (box, words, parent) => lines(box.ownerDocument, words).filter((n) => box.contains(n) && n !== parent);
const unfold = async (node, box, words) => {
  const there = () => (below(node, box) ? twigs(below(node, box), words, node) : []);
  const row = node.closest("li,tr,div") || node.parentElement;
  const near = [...row.querySelectorAll("img,ins,i,span,a,b")].filter((n) => n !== node && !n.contains(node) && visible(n) && n.compareDocumentPosition(node) & 4);
  for (const way of [...near.reverse(), "double"]) {
    if (there().length) break;
    await after(() => (way === "double" ? fire(node, ["dblclick"]) : click(way)));
  }
  return there();
};
const tree = async (t, text) => {
  await open(t, () => branch(t));
  const box = branch(t);
  let found = twigs(box, levels(t, text)[0], null);
  for (const [depth, words] of levels(t, text).entries()) {
    if (depth) found = await unfold(found[0], box, words);
    if (found.length !== 1) refuse(found.length ? "several" : "option");
  }
  await after(() => click(found[0]));
};

const STEPS = { calendar, cascade, suggest, lookup, tree };
