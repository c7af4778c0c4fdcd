// What a person touched, said as a map would say it: by its words first, and only in ways that lead back to it and to nothing else.

const NOTHING = { place: [], label: "", role: "", name: "", css: "", xpath: "", text: "", columns: [], row: -1, cell: "", parts: {}, options: {}, mode: "fill" };
const STEADY = /^[^\d]*(\d{1,2}[^\d]*)*$/; // numbers of three digits and more are often given anew on each load
const SECRET = /password|passwd|pwd|口令|密码/i;
const spelled = (text) => trim((text || "").replace(/\s+/g, " ")).replace(/[\s：:*＊]+$/, "");
const only = (nodes, node) => nodes.length === 1 && nodes[0] === node;

const selector = (node, root = node.ownerDocument) => {
  const tag = node.tagName.toLowerCase();
  const classes = [...node.classList].filter((c) => STEADY.test(c)).map((c) => `${tag}.${CSS.escape(c)}`);
  const own = [node.id && STEADY.test(node.id) && `#${CSS.escape(node.id)}`, ...classes, tag].filter(Boolean);
  const found = own.find((one) => only(all(root, one), node));
  if (found) return found;
  const { parentElement: parent } = node;
  if (!parent) return "";
  const like = [...parent.children].filter((n) => n.tagName === node.tagName);
  const last = like.length > 1 ? `${tag}:nth-of-type(${like.indexOf(node) + 1})` : tag;
  const before = parent === root || parent.tagName === "BODY" ? parent.tagName.toLowerCase() : selector(parent, root);
  const whole = before && `${before} > ${last}`;
  return whole && only(all(root, whole), node) ? whole : "";
};
// the frames that lead to a page; null where one of them cannot be said
const placeOf = (doc) => {
  const frame = doc.defaultView.frameElement;
  if (!frame) return [];
  const outer = placeOf(frame.ownerDocument);
  const plain = [frame.name, frame.id].filter((n) => n && !/\d/.test(n)); // a name with figures may be another one on each load
  const shown = (frame.getAttribute("src") || "").split(/[?#]/)[0];
  const ours = /\d{5}/.test(shown) || (call.wanted && shown.includes(call.wanted)); // the address of this record leads to no other
  const ways = [...plain, shown && !ours && `frame:${frame.tagName.toLowerCase()}[src^="${CSS.escape(shown).replace(/\\([/.:-])/g, "$1")}"]`, frame.name, frame.id];
  const name = [...ways, `frame:${selector(frame)}`].find((n) => n && framed(frame.ownerDocument, n) === frame);
  return outer && name ? [...outer, name] : null;
};
const ownWords = (label) => [...label.childNodes].filter((c) => !c.matches?.(ANY) && !c.querySelector?.(ANY)).map((c) => c.textContent).join("");
// everything that may be a control's label, the likeliest first
const labelsOf = (node) => {
  const ids = (node.getAttribute("aria-labelledby") || "").split(/\s+/).filter(Boolean);
  const group = node.closest("[role=radiogroup],[role=group]");
  const near = [];
  const before = (n) => (n && n.nodeType !== 1 && !bare(n.data) ? before(n.previousSibling) : n);
  for (let box = grouped(node) ? siblings(node)[0] : node, up = 0; box && up < 5; box = box.parentElement, up += 1) {
    const words = before(box.previousSibling) || box.previousElementSibling;
    if (words) near.push(words.textContent);
  }
  const told = [
    ...[...(node.labels || [])].map(ownWords), node.closest("td,th")?.previousElementSibling?.textContent, node.getAttribute("aria-label"),
    ids.map((id) => node.getRootNode().getElementById(id)?.textContent || "").join(""), node.closest("fieldset")?.querySelector("legend")?.textContent,
    group?.getAttribute("aria-label"), node.placeholder, node.title, node.getAttribute("data-placeholder"), ...near,
  ];
  const own = node.matches(`${DRAWN},${BOXED}`) ? [value(node)] : grouped(node) && siblings(node).length > 1 ? siblings(node).flatMap((n) => [beside(n), n.title].map(spelled)) : []; // a choice's words are not the group's
  return [...new Set(told.map(spelled).filter((text) => text && !own.includes(text) && !text.includes("|") && text.length <= 40 && !/\d{5}|@/.test(text)))]; // a name or number is no label
};
// the first way of its own that leads to the control; its name is said as well where it looks as if it would stay
const controlWays = (node, place) => {
  const leads = (way) => only(sought({ ...NOTHING, place, widget: "auto", ...way }).nodes, key(node));
  const named = node.name && STEADY.test(node.name) ? { name: node.name } : {};
  const ways = [...labelsOf(node).map((label) => ({ label })), named, { css: selector(node) }];
  const found = ways.find((way) => Object.values(way)[0] && leads(way));
  return found?.label && leads(named) ? { ...found, ...named } : found;
};
// the picture beside a box that asks what it says
const CAPTCHA = /验证码|校验码|captcha|verif|vcode|yzm/i;
const pictureOf = (node) => {
  if (!CAPTCHA.test(`${node.name} ${node.id} ${labelsOf(node).join(" ")}`)) return "";
  for (let box = node.parentElement, up = 0; box && up < 5; box = box.parentElement, up += 1) {
    const found = all(box, "img,canvas").filter(visible);
    if (found.length) return found.length === 1 ? selector(found[0]) : "";
  }
  return "";
};
const describeControl = (node) => {
  const place = placeOf(node.ownerDocument);
  const ways = place && controlWays(node, place);
  const drawn = node.matches(DRAWN) || node.matches(BOXED);
  const told = { place, ways: ways || null, kind: drawn ? "drawn" : kind(node), locked: locked(node), words: ways?.label || node.name || labelsOf(node)[0] || "", picture: pictureOf(node) };
  return call.secret || SECRET.test(`${node.type} ${node.autocomplete} ${node.name} ${told.words}`)
    ? { ...told, kind: "password", value: "" }
    : { ...told, value: value(node), text: show(node).text };
};
// the row of a list that something stands in: its headers, and what it says below them
const aroundRow = (node) => {
  const row = node.closest("tr");
  const rows = row ? [...row.closest("table").rows].filter((r) => r.cells.length === row.cells.length) : [];
  const head = rows.find((r) => r.querySelector("th") && !r.querySelector("td") || r.parentElement.tagName === "THEAD");
  if (!head || head === row) return null; // a row of data is no header, even where it stands first
  const texts = (r) => [...r.cells].map((c) => trim(c.textContent));
  return { row, headers: texts(head), cells: texts(row) };
};
// … or the row of a list whose head, or whose first columns, are drawn apart: of what it says, only the key is looked for
const aroundDrawn = (node) => {
  const row = node.closest("tr");
  if (!row || !call.wanted) return null;
  const doc = node.ownerDocument;
  for (const header of new Set(all(doc, HEAD).map((n) => spelled((n.textContent || "").replace(SIGNS, ""))).filter(Boolean))) {
    const found = tables(doc, [header]);
    const own = found.length === 1 && found[0].rows.filter((r) => textAt(r, found[0].at[0]) === call.wanted);
    if (own && own.length === 1 && drawnAs(found[0], own[0]).includes(row)) return { row, headers: [header], cells: [call.wanted] };
  }
  return null;
};
const inRow = (node, row) => {
  const cell = node.closest("td,th");
  const tag = node.tagName.toLowerCase();
  const at = `${cell.tagName.toLowerCase()}:nth-child(${cell.cellIndex + 1}) ${tag}`;
  // words that stand in every row, or that lists use for it, are nobody's value
  const text = spelled(words(node));
  const others = [...row.closest("table").rows].filter((r) => r !== row && r.cells.length === row.cells.length && r.querySelector("td"));
  const common = others.length && others.every((r) => spelled(r.cells[cell.cellIndex].textContent).includes(text));
  const named = common || /^(修改|编辑|变更|打开|查看|详情|选择|处理|edit|open|change|view|details?|select)$/i.test(text) ? [{ text }] : [];
  const ways = [...named, { css: `${cell.tagName.toLowerCase()} ${tag}` }, { css: at }];
  return ways.filter((way) => Object.values(way)[0] && only(sought({ ...NOTHING, widget: "readonly", ...way }, row).nodes, node));
};
const describePress = (node) => {
  const place = placeOf(node.ownerDocument);
  const text = spelled(words(node));
  const leads = (way) => Object.values(way)[0] && only(sought({ ...NOTHING, place, widget: "readonly", ...way }).nodes, node);
  const ways = place && [{ text }, { name: STEADY.test(node.name || "") ? node.name : "" }, { css: selector(node) }].find(leads);
  const { row, headers = [], cells: said = [] } = aroundRow(node) || aroundDrawn(node) || {};
  return { place, ways: ways || null, words: text, headers, cells: said, within: row ? inRow(node, row) : [] };
};
// where a page shows the key of its record: in a control, or in words of their own
const bears = (doc, wanted) => {
  const place = placeOf(doc);
  if (!wanted || !place) return null;
  const asked = (n) => call.typed?.has(n); // where the person has asked for the key himself says nothing of what was found
  const control = all(doc, ANY).find((n) => !asked(n) && !grouped(n) && trim(value(n)) === wanted && visible(n));
  const ways = control && controlWays(control, place);
  if (ways) return { place, ways, control: true };
  const found = all(doc, LINES).filter((n) => trim(n.textContent) === wanted && visible(n));
  const node = innermost(found).length === 1 ? innermost(found)[0] : null;
  if (!node) return null;
  const label = spelled(node.closest("td,th")?.previousElementSibling?.textContent);
  if (label && only(sought({ ...NOTHING, place, widget: "readonly", label }).nodes, node)) return { place, ways: { label }, control: false };
  const css = selector(node);
  return css && !css.includes(wanted) ? { place, ways: { css }, control: false } : null;
};
const described = () => ({ ...(call.press ? describePress(call.node) : describeControl(call.node)), bears: bears(call.node.ownerDocument, call.wanted) });
// every line of words that can be seen, and how its element is found
const voiced = () =>
  pages().flatMap((doc) =>
    all(doc, `${LINES},a,pre,output`).flatMap((n) => {
      const own = spelled([...n.childNodes].filter((c) => c.nodeType === 3).map((c) => c.data).join(" "));
      return own && own.length <= 200 && visible(n) ? [{ place: placeOf(doc), text: own, css: selector(n), whole: !n.children.length }] : [];
    }),
  );
// the controls of a page with what they hold, by themselves
const held = () => all(call.node, `${ANY},${BOXED}`).filter((n) => behind(n) === n).map((n) => [n, kind(n) === "password" ? "" : value(n)]);
