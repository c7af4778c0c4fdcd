// A picture of what a map finds: a box and a name around each control, and lists of those that are not found, and of those that are found where the picture does not reach. Values are blurred.

const INK = { found: "#0a7d32", drift: "#b26a00", wrong: "#c62828", beyond: "#455a64" };
const tag = (doc, text, style) => {
  const made = doc.createElement("div");
  made.dataset.hedang = "outline";
  made.textContent = text;
  Object.assign(made.style, { position: "absolute", zIndex: 2147483647, font: "11px/1.25 sans-serif", pointerEvents: "none", boxSizing: "border-box", ...style });
  doc.body.append(made);
};
// a control that takes no room at all is shown by the box around it
const drawnAt = (node) => (visible(node) || !node.parentElement ? seenAs(node) : node.parentElement);
const around = (node, name, ink) => {
  const doc = node.ownerDocument;
  const box = drawnAt(node).getBoundingClientRect();
  const { scrollX, scrollY } = doc.defaultView;
  const place = { left: `${box.left + scrollX - 2}px`, top: `${box.top + scrollY - 2}px` };
  tag(doc, "", { ...place, width: `${box.width + 4}px`, height: `${box.height + 4}px`, border: `2px solid ${ink}`, borderRadius: "3px" });
  tag(doc, name, { left: place.left, top: `${box.top + scrollY - 14}px`, background: ink, color: "#fff", padding: "0 3px", borderRadius: "2px", whiteSpace: "nowrap" });
};
const blur = (node) => {
  if (window.hedangBlurred.some(([known]) => known === node)) return;
  window.hedangBlurred.push([node, node.style.filter]);
  node.style.filter = "blur(5px)";
};
// a box that rolls shows a part of what it holds: what lies beyond has no place in the picture
const beyond = (node) => {
  const view = node.ownerDocument.defaultView;
  const own = node.getBoundingClientRect();
  for (let box = node.parentElement; box && box !== node.ownerDocument.documentElement; box = box.parentElement) {
    if (box === node.ownerDocument.body || !/auto|scroll|hidden|clip/.test(view.getComputedStyle(box).overflowY)) continue;
    const { top, bottom } = box.getBoundingClientRect();
    if ((own.top + own.bottom) / 2 < top || (own.top + own.bottom) / 2 > bottom) return true;
  }
  const frame = view.frameElement; // the picture unrolls no frame either
  return !!frame && (own.top + own.bottom) / 2 > frame.clientHeight;
};
const PRESSED = "button,input[type=submit],input[type=button],input[type=reset],input[type=image]";
const outline = () => {
  const missing = [];
  const unseen = [];
  window.hedangBlurred = [];
  for (const [name, target] of call.named) {
    const { nodes, lost } = sought(target);
    if (nodes.length !== 1) missing.push(`${name} ×${nodes.length}`);
    for (const node of nodes) {
      const ink = nodes.length > 1 ? INK.wrong : lost.length ? INK.drift : INK.found;
      beyond(drawnAt(node)) ? unseen.push(name) : around(node, name, ink);
      if (call.blurred.includes(name)) blur(drawnAt(node));
    }
  }
  // what else holds a value, on any page that is drawn
  for (const drawn of pages()) for (const node of all(drawn, ANY)) if (!node.matches(PRESSED) && visible(node)) blur(node);
  const doc = page(call.place) || document;
  const told = { left: "8px", padding: "6px 10px", color: "#fff", fontSize: "13px", borderRadius: "4px" };
  const first = missing.length > 0;
  if (doc.body && first) tag(doc, missing.join("　"), { ...told, top: "8px", background: INK.wrong });
  if (doc.body && unseen.length) tag(doc, `${call.beyond}${unseen.join("　")}`, { ...told, top: first ? "44px" : "8px", background: INK.beyond });
  return { drawn: true };
};
const erase = () => {
  for (const doc of [document, ...call.named.flatMap(([, t]) => path(t.place))]) all(doc, "[data-hedang=outline]").forEach((n) => n.remove());
  for (const [node, filter] of window.hedangBlurred || []) node.style.filter = filter;
  return { drawn: false };
};

