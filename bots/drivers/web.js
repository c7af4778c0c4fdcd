// What the web driver does inside the page: one call, one answer, so that a group of cells costs one round trip.
// It runs in the outermost page and reaches into frames of the same server. An answer {trouble: code, …} means: nothing was done.
async (call) => {
  const bare = (text) => (text || "").replace(/[\s\u00a0\u3000：:*＊]/g, "");
  const trim = (text) => (text || "").replace(/^[ \t\r\n\u00a0]+|[ \t\r\n\u00a0]+$/g, "");
  const visible = (node) => node.getClientRects().length > 0;
  const all = (root, selector) => [...root.querySelectorAll(selector)];
  // pages that were already there when something was pressed
  const seen = (window.hedangSeen ||= new WeakSet());

  // -- places

  const inner = (doc, name) => all(doc, "frame,iframe").find((f) => f.name === name || f.id === name);
  // the pages from the outermost to the one that is meant, as far as they are there
  const path = (place) => {
    const docs = [document];
    for (const name of place) {
      const frame = inner(docs.at(-1), name);
      if (!frame) return docs;
      if (!frame.contentDocument) throw new Error("closed");
      docs.push(frame.contentDocument);
    }
    return docs;
  };
  const page = (place) => path(place)[place.length];

  // -- targets

  const CONTROLS = {
    text: "input:not([type]),input[type=text],input[type=password],input[type=tel],input[type=number]",
    textarea: "textarea",
    select: "select",
    radio: "input[type=radio]",
  };
  const ANY = "input:not([type=hidden]),select,textarea";
  const PRESSABLE = "a,button,input[type=button],input[type=submit],input[type=image],[onclick]";
  const groups = (nodes) => [...new Map(nodes.map((n) => [n.type === "radio" ? n.name : n, n])).values()];
  // every label of a page with its cells; a page is looked through once for all targets of a call
  const labels = new Map();
  const index = (doc) => {
    const found = new Map();
    for (const cell of all(doc, "td,th")) {
      if (!cell.nextElementSibling || cell.querySelector("table")) continue;
      const label = bare(cell.textContent);
      found.has(label) ? found.get(label).push(cell) : found.set(label, [cell]);
    }
    return found;
  };
  const cells = (doc, label) => {
    if (!labels.has(doc)) labels.set(doc, index(doc));
    return labels.get(doc).get(bare(label)) || [];
  };
  const labelled = (doc, t) => {
    const next = cells(doc, t.label).map((c) => c.nextElementSibling);
    if (t.widget === "readonly") return next.filter((c) => !c.querySelector(ANY));
    return groups(next.flatMap((c) => all(c, CONTROLS[t.widget])));
  };
  const words = (node) => (node.tagName === "INPUT" ? node.value || node.alt : node.textContent);
  const pressable = (root, text) => {
    const found = all(root, PRESSABLE).filter((n) => bare(words(n)) === bare(text) && visible(n));
    return found.filter((n) => !found.some((other) => other !== n && n.contains(other)));
  };
  const SILENT = /^(SCRIPT|STYLE|OPTION)$/;
  // elements whose own text is this; the page is laid out only for those
  const lines = (doc, text) => {
    if (!doc.body || !bare(doc.body.textContent).includes(bare(text))) return [];
    const own = (n) => bare([...n.childNodes].filter((c) => c.nodeType === 3).map((c) => c.data).join(""));
    return all(doc.body, "*").filter((n) => !SILENT.test(n.tagName) && own(n) === bare(text) && visible(n));
  };
  const header = (row, columns) => {
    const names = [...row.cells].map((c) => bare(c.textContent));
    const at = columns.map((c) => names.indexOf(bare(c)));
    return at.includes(-1) ? null : at;
  };
  const tables = (doc, columns) =>
    all(doc, "table").filter((t) => !t.querySelector("table")).flatMap((t) => {
      const rows = [...t.rows];
      const first = rows.findIndex((r) => header(r, columns));
      if (first < 0) return [];
      const width = rows[first].cells.length;
      return [{ at: header(rows[first], columns), rows: rows.slice(first + 1).filter((r) => r.cells.length === width) }];
    });
  const find = (t) => {
    const doc = page(t.place);
    if (!doc) return [];
    if (t.columns.length) {
      const found = tables(doc, t.columns);
      if (t.row < 0 || found.length !== 1) return found;
      return found[0].rows[t.row] ? pressable(found[0].rows[t.row], t.text) : [];
    }
    const ways = [
      () => (t.label ? labelled(doc, t) : []),
      () => (t.name ? groups(all(doc, "input,select,textarea,button").filter((n) => n.name === t.name)) : []),
      () => (t.css ? groups(all(doc, t.css)) : []),
      () => (t.text ? pressable(doc, t.text) : []),
    ];
    for (const way of ways) {
      const found = way();
      if (found.length) return found;
    }
    return [];
  };
  const marked = (t) => {
    const doc = t && page(t.place);
    if (!doc) return false;
    if (t.text && !t.columns.length) return lines(doc, t.text).length > 0 || pressable(doc, t.text).length > 0;
    if (t.label) return cells(doc, t.label).length > 0;
    return find(t).length > 0;
  };

  // -- what covers a page

  const near = (doc, node) => {
    const box = node.getClientRects()[0];
    return box ? [box.left + box.width / 2, box.top + box.height / 2] : null;
  };
  const covered = (node) => {
    node.scrollIntoView({ block: "nearest", inline: "nearest" });
    let point = near(node.ownerDocument, node);
    while (point && node) {
      const top = node.ownerDocument.elementFromPoint(...point);
      // null: outside of the window, which no layer explains; an ancestor: the node lets clicks through
      if (top && top !== node && !node.contains(top) && !top.contains(node)) return true;
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
  const free = (nodes, places) => {
    if (!nodes.some(covered)) return true;
    places.flatMap(path).forEach(calm);
    return !nodes.some(covered);
  };

  // -- values

  const beside = (radio) => trim(radio.nextSibling && (radio.nextSibling.data || radio.nextSibling.textContent));
  const siblings = (radio) => all(radio.ownerDocument, "input[type=radio]").filter((r) => r.name === radio.name && r.form === radio.form);
  const value = (node) => {
    if (node.type === "radio") return (siblings(node).find((r) => r.checked) || { value: "" }).value;
    return "value" in node ? node.value : trim(node.textContent);
  };
  const locked = (node) => !!(node.disabled || node.readOnly);
  const show = (node) => {
    const options = node.tagName === "SELECT" ? [...node.options] : node.type === "radio" ? siblings(node) : [];
    const chosen = node.tagName === "SELECT" ? node.selectedOptions[0] : options.find((o) => o.checked);
    const text = !chosen ? "" : node.tagName === "SELECT" ? trim(chosen.textContent) : beside(chosen);
    return { value: value(node), text, options: options.map((o) => o.value), locked: locked(node) };
  };
  const fire = (node, names) => {
    const view = node.ownerDocument.defaultView;
    for (const name of names) {
      const event = name === "keyup" ? new view.KeyboardEvent(name, { bubbles: true }) : new view.Event(name, { bubbles: name !== "blur" });
      node.dispatchEvent(event);
    }
  };
  const type = (node, wanted) => {
    if (node.type === "radio") return siblings(node).find((r) => r.value === wanted).click();
    const view = node.ownerDocument.defaultView;
    const owner = { INPUT: view.HTMLInputElement, TEXTAREA: view.HTMLTextAreaElement, SELECT: view.HTMLSelectElement }[node.tagName];
    node.focus();
    Object.getOwnPropertyDescriptor(owner.prototype, "value").set.call(node, wanted);
    fire(node, node.tagName === "SELECT" ? ["input", "change", "blur"] : ["input", "keyup", "change", "blur"]);
  };
    const offers = (node, wanted) => !show(node).options.length || show(node).options.includes(wanted);

  // -- operations

  const read = () =>
    call.targets.map((t) => {
      const found = find(t);
      return { count: found.length, ...(found.length === 1 ? show(found[0]) : {}) };
    });

  const table = () => {
    const found = tables(page(call.target.place) || document, call.target.columns);
    if (found.length !== 1) return { trouble: "absent", count: found.length };
    return found[0].rows.map((r) => found[0].at.map((i) => trim(r.cells[i].textContent)));
  };

  const write = () => {
    const nodes = [];
    for (const [index, [target, wanted]] of call.entries.entries()) {
      const found = find(target);
      if (found.length !== 1) return { trouble: "absent", index, count: found.length };
      if (locked(found[0])) return { trouble: "locked", index };
      if (!offers(found[0], wanted)) return { trouble: "option", index };
      nodes.push(found[0]);
    }
    if (!free(nodes, call.entries.map(([t]) => t.place))) return { trouble: "popup" };
    call.entries.forEach(([, wanted], index) => type(nodes[index], wanted));
    return nodes.map(value);
  };

  // `index` tells which target an answer is about: the entries, then what is pressed, then the marks
  const press = () => {
    const index = (call.entries || []).length;
    let found = find(call.target);
    for (const opener of call.through) {
      if (found.length) break;
      const openers = find(opener);
      if (openers.length !== 1) return { trouble: "absent", index, count: openers.length };
      if (!free(openers, [opener.place])) return { trouble: "popup", index };
      openers[0].click();
      found = find(call.target);
    }
    if (found.length !== 1) return { trouble: "absent", index, count: found.length };
    if (!free(found, [call.target.place])) return { trouble: "popup", index };
    call.leaving.flatMap((t) => path(t.place).slice(t.place.length ? 1 : 0)).forEach((doc) => seen.add(doc));
    found[0].click();
    return { pressed: true };
  };

  const status = (doc) => doc.defaultView.performance.getEntriesByType("navigation")[0]?.responseStatus || 0;
  const look = () => {
    if (location.protocol === "chrome-error:") return { trouble: "closed" };
    if (call.within && !seen.has(document) && marked(call.session)) return { trouble: "session" };
    for (const [index, target] of call.marks.entries()) {
      const docs = path(target.place);
      for (const doc of docs) {
        if (seen.has(doc) || doc.readyState !== "complete") continue;
        if (status(doc) >= 400) return { trouble: "http", status: status(doc) };
        calm(doc);
      }
      const last = docs[target.place.length];
      if (last && !seen.has(last) && last.readyState === "complete" && marked(target)) return { mark: index };
    }
    return null;
  };
  const arrive = async () => {
    const until = performance.now() + call.milliseconds;
    while (performance.now() < until) {
      labels.clear();
      try {
        const found = look();
        if (found) return found;
      } catch (error) {
        // a frame that is being replaced under our hands has no window for a moment
        if (!(error instanceof TypeError)) throw error;
      }
      await new Promise((go) => setTimeout(go, 4));
    }
    return { trouble: "timeout", index: call.op === "follow" ? call.entries.length + 1 : 0 };
  };

  const follow = async () => {
    for (const step of [write, press]) {
      const answer = step();
      if (answer.trouble) return answer;
    }
    return arrive();
  };

  try {
    const answer = await { read, table, write, press, arrive, follow }[call.op]();
    const missing = answer.trouble === "absent" || (call.op === "read" && answer.some((s) => s.count !== 1));
    return missing && marked(call.session) ? { trouble: "session" } : answer;
  } catch (error) {
    // a page that the browser made itself (the connection broke) is closed to us
    if (error.name === "SecurityError" || error.message === "closed") return { trouble: "closed" };
    return { trouble: "absent", count: 0, script: String(error.name) };
  }
}
