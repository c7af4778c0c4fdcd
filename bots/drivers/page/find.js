// How a control is found: places, then the ways of a locator. Every way that answers must answer with the same control.

const bare = (text) => (text || "").replace(/[\s\u00a0\u3000：:*＊]/g, "").toLowerCase();
const trim = (text) => (text || "").replace(/^[ \t\r\n\u00a0]+|[ \t\r\n\u00a0]+$/g, "");
const visible = (node) => node.getClientRects().length > 0;

// -- places

// what was learnt of the pages during this call; forgotten when they may have changed
const memo = { roots: new Map(), labels: new Map(), cells: new Map() };
const forget = () => Object.values(memo).forEach((known) => known.clear());
const once = (known, key, make) => {
  if (!known.has(key)) known.set(key, make());
  return known.get(key);
};
// a page or an element, and the open shadow roots in it
const roots = (top) =>
  once(memo.roots, top, () => {
    const found = [top];
    for (const root of found) for (const node of root.querySelectorAll("*")) if (node.shadowRoot) found.push(node.shadowRoot);
    return found;
  });
// everything below a page (shadow roots included) or an element that answers the selector
const all = (root, selector) => roots(root).flatMap((r) => [...r.querySelectorAll(selector)]);

const framed = (doc, name) => {
  const frames = all(doc, "frame,iframe");
  if (name.startsWith("frame:")) return all(doc, name.slice(6)).find((f) => frames.includes(f));
  return frames.find((f) => f.name === name || f.id === name) || frames.find((f) => name.includes("/") && f.src.includes(name));
};
// the windows that pages opened (start.js), the newest first
const opened = () => (window.hedangOpened || []).filter((w) => !w.closed).reverse();
const WINDOW = /^window(:|$)/;
const inside = (doc, name) => {
  if (WINDOW.test(name)) return opened().find((w) => name === "window" || trim(w.document.title) === name.slice(7))?.document;
  const frame = framed(doc, name);
  if (frame && !frame.contentDocument) throw new Error("closed");
  return frame?.contentDocument;
};
// the pages from the outermost to the one that is meant, as far as they are there
const path = (place) => {
  const docs = [document];
  for (const name of place) {
    const next = inside(docs.at(-1), name);
    if (!next) return docs;
    docs.push(next);
  }
  return docs;
};
// a record's page that was fetched, not opened: while it is there, it is the page that is meant
let fetched = null;
const page = (place) => fetched || path(place)[place.length];

// -- controls

const TYPED = "input:not([type]),input[type=''],input[type=text],input[type=password],input[type=tel],input[type=number]," +
  "input[type=email],input[type=url],input[type=search],input[type=date],input[type=time],input[type=datetime-local]," +
  "input[type=month],input[type=week],input[type=color]";
// boxes to tick that a script draws
const TOGGLE = "[role=checkbox]:not(input),[role=switch]:not(input)";
const ANY = "input:not([type=hidden]):not([type=submit]):not([type=button]):not([type=image]):not([type=reset])," +
  `select,textarea,[contenteditable=''],[contenteditable=true],${TOGGLE}`;
const CONTROLS = {
  auto: ANY,
  text: TYPED,
  password: "input[type=password]",
  textarea: "textarea",
  select: "select:not([multiple])",
  multiselect: "select[multiple],input[type=checkbox]",
  radio: "input[type=radio]",
  checkbox: `input[type=checkbox],${TOGGLE}`,
  editable: "[contenteditable=''],[contenteditable=true]",
  number: "input[type=number]",
  date: "input[type=date],input[type=datetime-local],input[type=time],input[type=month],input[type=week]",
  slider: "input[type=range],[role=slider]",
  rich: "iframe,frame,[contenteditable=''],[contenteditable=true]",
  file: "input[type=file]",
  cascade: "select:not([multiple])",
  suggest: `${ANY},[role=combobox]`, // which may be any box that a script draws
};
const wanted = (t) => CONTROLS[t.widget] || ANY;
const PRESSABLE = "a,button,summary,label,input[type=button],input[type=submit],input[type=image],input[type=reset],[onclick]," +
  "[role=button],[role=link],[role=tab],[role=menuitem],[role=option]";
const grouped = (n) => (n.type === "radio" || n.type === "checkbox") && n.name;
// radio buttons of one name are one control; so are check boxes, where there are several
const groups = (nodes) => [...new Map(nodes.map((n) => [grouped(n) ? `${n.type} ${n.name}` : n, n])).values()];

// -- the ways of a locator

// the head of a column: what stands beside it is the next column's
const HEAD = "th,[role=columnheader]";
const heads = (cell, next) => cell.matches(HEAD) && next.matches(HEAD);
// every label cell of a page; a page is looked through once for all targets of a call
const index = (doc) => {
  const found = new Map();
  for (const cell of all(doc, "td,th")) {
    if (!cell.nextElementSibling || cell.querySelector("table") || heads(cell, cell.nextElementSibling)) continue;
    const label = bare(cell.textContent);
    found.has(label) ? found.get(label).push(cell) : found.set(label, [cell]);
  }
  return found;
};
const cells = (doc, label) => once(memo.cells, doc, () => index(doc)).get(bare(label)) || [];
// what a program reads aloud for a control, and what stands beside it
const named = (doc) => {
  const found = new Map();
  const add = (text, node) => {
    const label = bare(text);
    if (!label || !node) return;
    found.has(label) ? found.get(label).add(node) : found.set(label, new Set([node]));
  };
  for (const label of all(doc, "label")) {
    const inner = label.querySelector(ANY);
    const target = label.htmlFor ? label.getRootNode().getElementById(label.htmlFor) : inner;
    const text = inner ? [...label.childNodes].filter((c) => c !== inner && !c.contains?.(inner)).map((c) => c.textContent).join("") : label.textContent;
    // the words beside one choice of several do not name the whole group
    if (target && (target.type === "radio" || (target.type === "checkbox" && siblings(target).length > 1))) continue;
    if (!target && label.htmlFor) continue;
    add(text, target);
  }
  for (const node of all(doc, ANY)) {
    if (node.matches(TOGGLE)) add(node.textContent, node);
    add(node.getAttribute("aria-label"), node);
    const ids = (node.getAttribute("aria-labelledby") || "").split(/\s+/).filter(Boolean);
    if (ids.length) add(ids.map((id) => node.getRootNode().getElementById(id)?.textContent || "").join(""), node);
  }
  for (const box of all(doc, "fieldset")) {
    const inside = groups([...box.querySelectorAll(ANY)]);
    const legend = box.querySelector("legend");
    if (legend && inside.length === 1) add(legend.textContent, inside[0]);
  }
  for (const box of all(doc, "[role=radiogroup],[role=group]")) {
    const inside = groups([...box.querySelectorAll(ANY)]);
    const id = box.getAttribute("aria-labelledby");
    const text = box.getAttribute("aria-label") || (id && box.getRootNode().getElementById(id)?.textContent);
    if (inside.length === 1) add(text, inside[0]);
  }
  return found;
};
// the controls that bear a name which is not this one
const others = (doc, label) => {
  const names = [...once(memo.labels, doc, () => named(doc))];
  const ours = new Set(names.filter(([name]) => name === bare(label)).flatMap(([, nodes]) => [...nodes]));
  return new Set(names.flatMap(([, nodes]) => [...nodes]).filter((n) => !ours.has(n)));
};
const hinted = (doc, label) =>
  all(doc, ANY).filter((n) => [n.placeholder, n.title, n.getAttribute("data-placeholder")].some((text) => bare(text) === bare(label)));
const LINES = "span,div,p,b,strong,em,dt,li,label,font,h1,h2,h3,h4,h5,h6,legend,th,td,small";
// the element after words that stand in no box of their own
const bareWords = (doc, label) =>
  roots(doc).flatMap((root) => {
    const [walker, found] = [doc.createTreeWalker(root, NodeFilter.SHOW_TEXT), []];
    while (walker.nextNode()) if (bare(walker.currentNode.data) === bare(label)) found.push(walker.currentNode);
    const next = (n) => (n && n.nodeType !== 1 && !bare(n.data) ? next(n.nextSibling) : n);
    return found.map((n) => next(n.nextSibling)).filter((n) => n?.nodeType === 1);
  });
// the element after the words: a sibling, or the sibling of a box that holds nothing but the words
const neighbours = (doc, label) => [...bareWords(doc, label), ...besideBoxes(doc, label)];
const besideBoxes = (doc, label) =>
  all(doc, LINES)
    .filter((n) => bare(n.textContent) === bare(label) && !n.querySelector(`${ANY},${HEAD}`))
    .flatMap((words) => {
      for (let box = words; box && box.tagName !== "BODY" && bare(box.textContent) === bare(label); box = box.parentElement) {
        const next = box.nextElementSibling;
        if (!next && box.matches(HEAD)) return []; // what stands below a head is the list's
        if (!next) continue;
        if (heads(box, next)) return [];
        return next.matches(ANY) || next.querySelector(ANY) || bare(next.textContent) ? [next] : [];
      }
      return [];
    });
// a script may hide a select behind a prettier one and turn its label to that: the select is what will be sent
const unseen = (node) => {
  const box = node.getClientRects()[0];
  return !box || box.width <= 2 || box.height <= 2;
};
const behind = (node) => {
  if (node.name || node.tagName === "SELECT") return node;
  for (let box = node, up = 0; box && up < 4; box = box.parentElement, up += 1) {
    const found = [box.nextElementSibling, box.previousElementSibling].find((n) => n?.tagName === "SELECT" && n.name && unseen(n));
    if (found) return found;
  }
  return node;
};
// nothing but blanks stands between the words and the first control, and that does not ask for something else
const bareBefore = (box, label) => {
  const [first] = within(box, ANY);
  if (!first) return true;
  const range = box.ownerDocument.createRange();
  range.setStart(box, 0);
  if (box !== first) range.setEndBefore(first);
  const [, asked] = bare(first.placeholder).match(/^(?:请)?(?:输入|填写|选择|enter|input|select)(.+)$/) || [];
  const other = asked && !asked.includes(bare(label)) && !bare(label).includes(asked);
  return !other && (box === first || !bare(range.toString()));
};
const fixed = (node) => node.readOnly || node.disabled;
const locks = (doc, label) => [...(once(memo.labels, doc, () => named(doc)).get(bare(label)) || [])].filter(fixed);
const within = (box, selector) => (box.matches(selector) ? [box] : all(box, selector));
const labelled = (doc, t) => {
  const next = cells(doc, t.label).map((c) => c.nextElementSibling);
  if (t.widget === "readonly") {
    const words = (boxes) => boxes.filter((c) => !c.matches(ANY) && !c.querySelector(ANY));
    const locked = locks(doc, t.label); // a box that takes no input shows something as well, and bears its label more surely than what stands near
    const near = [...new Set(neighbours(doc, t.label))];
    const boxed = (boxes) => boxes.flatMap((box) => within(box, ANY)).filter(fixed);
    return [words(next), boxed(next), locked, words(near), boxed(near)].find((some) => some.length) || [];
  }
  const selector = wanted(t);
  const strict = new Set(next.flatMap((c) => all(c, selector)));
  const spoken = [...(once(memo.labels, doc, () => named(doc)).get(bare(t.label)) || [])].map(behind);
  for (const node of spoken) if (node.matches(selector)) strict.add(node);
  if (strict.size) return groups([...strict]);
  const loose = new Set(hinted(doc, t.label).filter((n) => n.matches(selector)));
  if (loose.size) return groups([...loose]);
  // where a label's own control is gone, what comes next may be the control of another label
  const beside = new Set(neighbours(doc, t.label).filter((box) => bareBefore(box, t.label)).flatMap((box) => within(box, selector)).map(behind).filter((n) => n.matches(selector)));
  const foreign = beside.size ? others(doc, t.label) : beside;
  return groups([...beside].filter((n) => !foreign.has(n)));
};

const ROLES = {
  button: "button,input[type=button],input[type=submit],input[type=reset],input[type=image],summary",
  link: "a[href]",
  textbox: `${TYPED},textarea`,
  searchbox: "input[type=search]",
  spinbutton: "input[type=number]",
  combobox: "select:not([multiple])",
  listbox: "select[multiple]",
  checkbox: "input[type=checkbox]",
  radio: "input[type=radio]",
  slider: "input[type=range]",
  heading: "h1,h2,h3,h4,h5,h6",
};
const spoken = (node) => {
  const labels = node.labels ? [...node.labels].map((l) => l.textContent) : [];
  const own = node.tagName === "INPUT" && /^(button|submit|reset|image)$/.test(node.type) ? [node.value || node.alt] : [];
  return [node.getAttribute("aria-label"), ...labels, ...own, node.matches(ANY) ? node.placeholder : node.textContent, node.title];
};
const roled = (doc, role) => {
  const [kind, ...rest] = role.split(" ");
  const name = bare(rest.join(" "));
  const found = all(doc, [`[role=${CSS.escape(kind)}]`, ROLES[kind]].filter(Boolean).join(","));
  return found.filter((n) => visible(n) && (!name || spoken(n).some((text) => bare(text) === name)));
};
const byPath = (doc, xpath) => {
  const found = doc.evaluate(xpath, doc, null, XPathResult.ORDERED_NODE_SNAPSHOT_TYPE, null);
  return Array.from({ length: found.snapshotLength }, (_, i) => found.snapshotItem(i)).filter((n) => n.nodeType === 1);
};

// words of something that is pressed; a picture has those that show when the mouse rests on it
const ICONS = "[class*=material-icons],[class*=material-symbols],[aria-hidden=true]"; // a font of icons draws them from words that nobody sees
const seenText = (node) => {
  if (!node.querySelector?.(ICONS)) return node.textContent;
  const copy = node.cloneNode(true);
  copy.querySelectorAll(ICONS).forEach((icon) => icon.remove());
  return trim(copy.textContent) ? copy.textContent : node.textContent;
};
const words = (node) => {
  const own = node.tagName === "INPUT" ? node.value || node.alt : seenText(node);
  return trim(own) ? own : node.getAttribute("aria-label") || node.title || node.dataset.originalTitle || node.querySelector?.("img[alt]")?.alt;
};
const innermost = (found) => found.filter((n) => !found.some((other) => other !== n && n.contains(other)));
const pressable = (root, text) =>
  innermost(all(root, PRESSABLE).filter((n) => bare(words(n)) === bare(text) && visible(n)));
const SILENT = /^(SCRIPT|STYLE|OPTION|NOSCRIPT|TEMPLATE)$/;
// elements whose own text is this; the page is laid out only for those
const lines = (doc, text) => {
  if (!doc.body || !roots(doc).some((r) => bare((r.body || r).textContent).includes(bare(text)))) return [];
  const own = (n) => bare([...n.childNodes].filter((c) => c.nodeType === 3).map((c) => c.data).join(""));
  const inside = roots(doc).flatMap((r) => [...r.querySelectorAll(r === doc ? "body,body *" : "*")]);
  return inside.filter((n) => !SILENT.test(n.tagName) && own(n) === bare(text) && visible(n));
};

// -- all together

const answers = (root, t) => {
  const doc = root.ownerDocument || root;
  const inside = (nodes) => (root === doc ? nodes : nodes.filter((n) => root.contains(n)));
  const ways = {
    label: () => labelled(doc, t),
    role: () => roled(doc, t.role),
    name: () => groups(all(root, `[name="${CSS.escape(t.name)}"]`).filter((n) => /^(INPUT|SELECT|TEXTAREA|BUTTON)$/.test(n.tagName))),
    css: () => groups(all(root, t.css)),
    xpath: () => groups(byPath(doc, t.xpath)),
    text: () => pressable(root, t.text),
  };
  return Object.entries(ways).filter(([way]) => t[way]).map(([way, found]) => [way, inside(found())]);
};
const key = (node) => (grouped(node) ? groups(siblings(node)).at(-1) : node);
// a hidden field of the same name is sent beside the control, and nobody can say which of the two is stored
const twins = (node) => {
  if (!node.name || !node.form || !node.matches(ANY) || grouped(node)) return [];
  const named = node.form.elements.namedItem(node.name);
  return named && !named.tagName ? [...named].filter((n) => n.type === "hidden" && n.name === node.name) : [];
};
// what answers, and the ways that no longer do; where two ways disagree, all of it, so that it is not one
const sought = (t, root = page(t.place)) => {
  if (!root) return { nodes: [], lost: [] };
  const told = answers(root, t);
  const sets = told.map(([, nodes]) => nodes.map(key)).filter((nodes) => nodes.length);
  const lost = told.filter(([, nodes]) => !nodes.length).map(([way]) => way);
  if (!sets.length) return { nodes: [], lost };
  const common = sets[0].filter((n) => sets.every((nodes) => nodes.includes(n)));
  const nodes = [...new Set(common.length ? common : sets.flat())];
  return { nodes: nodes.length === 1 ? [...nodes, ...twins(nodes[0])] : nodes, lost };
};
const find = (t) => {
  const doc = page(t.place);
  if (!doc) return [];
  if (!t.columns.length) return sought(t).nodes;
  const found = tables(doc, t.columns);
  if (t.row < 0 || found.length !== 1) return found;
  const [{ at, rows }] = found;
  const row = rows[t.row];
  if (!row || (t.cell && textAt(row, at[0]) !== t.cell)) return [];
  const { nodes } = sought(t, row);
  const open = (some) => some.length && !some.some(covered); // a column that stays in its place lies over its own copy
  if (nodes.some(clearly) && open(nodes)) return nodes;
  const drawn = drawnAs(found[0], row).map((part) => sought(t, part).nodes.filter(clearly)).filter((some) => some.length);
  return drawn.find(open) || drawn[0] || nodes;
};
// the elements that show a mark
const shows = (t) => {
  const doc = t && page(t.place);
  if (!doc) return [];
  if (t.columns.length) {
    const found = tables(doc, t.columns);
    return found.length ? [...new Set([...all(doc, "table"), ...found.map(({ box }) => box)])].filter(visible) : [];
  }
  if (t.text && !t.css && !t.label) return [...lines(doc, t.text), ...pressable(doc, t.text)];
  if (t.label && !t.name && !t.css && t.widget === "readonly") return cells(doc, t.label).length ? cells(doc, t.label) : lines(doc, t.label);
  const { nodes } = sought(t);
  return t.widget === "readonly" ? nodes.filter(visible) : nodes; // what is only looked at counts where it can be seen
};
const marked = (t) => shows(t).length > 0;
