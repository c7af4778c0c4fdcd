// What a control shows, and how a value gets into it with the events that typing causes.

const BETWEEN = "；";
const siblings = (node) => {
  const root = node.form || node.getRootNode();
  return [...root.querySelectorAll(`input[type=${node.type}]`)].filter((n) => n.name === node.name);
};
const beside = (box) => {
  const label = box.labels?.[0];
  if (label) return trim(label.textContent);
  return trim(box.nextSibling && (box.nextSibling.data || box.nextSibling.textContent));
};
const kind = (node) => {
  if (node.tagName === "SELECT") return node.multiple ? "multiselect" : "select";
  if (node.tagName === "TEXTAREA") return "textarea";
  if (/^I?FRAME$/.test(node.tagName)) return "rich";
  if (node.matches(TOGGLE)) return "checkbox";
  if (node.getAttribute("role") === "slider") return "slider";
  if (node.isContentEditable) return "editable";
  if (node.tagName !== "INPUT") return "readonly";
  if (node.type === "checkbox") return node.name && siblings(node).length > 1 ? "multiselect" : "checkbox";
  return { radio: "radio", number: "number", date: "date", "datetime-local": "moment", time: "time", password: "password", file: "file", range: "slider" }[node.type] || "text";
};
// the choices of a control: what each is sent as, the words beside it, and whether it is chosen
const choices = (node) => {
  const of = kind(node);
  if (of === "select" || (of === "multiselect" && node.tagName === "SELECT"))
    return [...node.options].map((o) => ({ value: o.value, words: trim(o.textContent), chosen: o.selected, node: o }));
  if (of === "radio" || of === "multiselect")
    return siblings(node).map((n) => ({ value: n.value, words: beside(n), chosen: n.checked, node: n }));
  return [];
};
// what is written on in a page that is an editor
const ticked = (node) => (node.tagName === "INPUT" ? node.checked : node.getAttribute("aria-checked") === "true");
const paper = (node) => node.contentDocument?.body;
// a list that a script draws tells its choice beside an input that is empty
const DRAWN = "input[role=combobox][aria-haspopup=listbox],input[role=combobox][readonly],[role=combobox]:not(input) input";
const HINTS = "label,i,svg,[aria-hidden=true],[class*=label],.el-select__placeholder.is-transparent," +
  "[class*=placeholder]:not(.el-select__placeholder):not(input)";
const worded = (box) => {
  const copy = box.cloneNode(true);
  copy.querySelectorAll(HINTS).forEach((n) => n.remove());
  return trim(copy.textContent.replace(/\u200b/g, ""));
};
const worn = (node) => {
  for (let box = node.parentElement, up = 0; box && up < 3 && all(box, ANY).length === 1; box = box.parentElement, up += 1) if (worded(box)) return worded(box);
  return "";
};
// … or is itself the box that says it, where nothing is chosen a hint
const BOXED = "[role=combobox]:not(input,select,textarea)";
const value = (node) => {
  const of = kind(node);
  if (node.matches?.(BOXED)) return node.matches("[class*=placeholder]") ? "" : worded(node);
  if (node.matches?.(DRAWN)) return node.value || worn(node);
  if (of === "checkbox") return String(ticked(node));
  if (of === "multiselect") return choices(node).filter((c) => c.chosen).map((c) => c.words).join(BETWEEN);
  if (of === "radio") return (siblings(node).find((r) => r.checked) || { value: "" }).value;
  if (of === "editable") return trim(node.innerText);
  if (of === "rich") return trim(paper(node)?.innerText).replace(/\n+/g, "\n");
  if (of === "slider" && !("value" in node)) return node.getAttribute("aria-valuenow") || "";
  if (of === "file") return [...node.files].map((f) => f.name).join(BETWEEN);
  return "value" in node && node.tagName !== "LI" && node.tagName !== "BUTTON" ? node.value : trim(node.textContent);
};
const blank = (node) => paper(node)?.isContentEditable || node.contentDocument?.designMode === "on";
// `readonly` says nothing of what is ticked (HTML, the readonly attribute), and scripts write it there
const TICKED = "input[type=radio],input[type=checkbox]";
const locked = (node) =>
  !!(node.disabled || (node.readOnly && !node.matches(TICKED)) || node.matches?.("fieldset[disabled] *") || (kind(node) === "rich" && !blank(node)) ||
    node.getAttribute?.("aria-disabled") === "true");
const show = (node) => {
  const all = choices(node);
  const chosen = all.find((c) => c.chosen);
  const of = kind(node);
  return {
    value: value(node), text: chosen && of !== "multiselect" ? chosen.words : "", kind: of,
    options: all.map((c) => c.value), labels: all.map((c) => c.words),
    locked: locked(node), longest: node.maxLength > 0 ? node.maxLength : 0,
  };
};
// what a person reads in the control
const reads = (node) => (kind(node) === "select" ? show(node).text || value(node) : value(node));
const [DOWN, UP] = [["pointerdown", "mousedown"], ["pointerup", "mouseup"]];
const fire = (node, names) => {
  const view = node.ownerDocument.defaultView;
  for (const name of names) {
    const event = name.startsWith("pointer") ? new view.PointerEvent(name, { bubbles: true })
      : /^mouse|click$/.test(name) ? new view.MouseEvent(name, { bubbles: true })
      : name.startsWith("key") ? new view.KeyboardEvent(name, { bubbles: true }) : new view.Event(name, { bubbles: name !== "blur" });
    node.dispatchEvent(event);
  }
};
const parts = (text) => (text ? text.split(BETWEEN) : []);
// the choices that are meant: by what they are sent as or by their words; several where one's value is another's words
const chosenBy = (node, text) => choices(node).filter((c) => c.value === text || c.words === text);
// a choice that nobody calls by what it is sent as is meant by its words alone
const byWords = (node, text) => !text || !choices(node).some((c) => c.words) || choices(node).some((c) => c.words === text);
// the browser's own opinion: what a typed input does not take becomes something else, or is marked
const EXACT = /^(number|date|time|datetime-local|month|week|range|color)$/;
const holds = (node, text) => {
  if (node.maxLength > 0 && text.length > node.maxLength) return false;
  if (!text || node.tagName !== "INPUT" || !EXACT.test(node.type)) return true;
  const probe = node.cloneNode();
  put(probe, text);
  const { rangeUnderflow, rangeOverflow, stepMismatch, badInput } = probe.validity;
  const uneven = stepMismatch && node.form && !node.form.noValidate; // what no form checks is only how far the arrows go
  return probe.value === text && !(rangeUnderflow || rangeOverflow || uneven || badInput);
};
// how often a slider that is no input must be moved, to the right where positive; null: it never gets there
const steps = (node, text) => {
  const [now, low, high] = ["now", "min", "max"].map((end) => Number(node.getAttribute(`aria-value${end}`)));
  const by = Number(node.dataset.step || 1);
  const many = (Number(text) - now) / by;
  return text !== "" && Number.isInteger(many) && low <= Number(text) && Number(text) <= high ? many : null;
};
const offers = (node, text) => {
  const of = kind(node);
  if (of === "checkbox") return text === "true" || text === "false";
  if (of === "multiselect") return parts(text).every((one) => chosenBy(node, one).length === 1);
  if (of === "slider" && node.tagName !== "INPUT") return steps(node, text) !== null;
  return choices(node).length ? chosenBy(node, text).length === 1 : holds(node, text);
};
// what the control holds once it has taken the text
const expected = (node, text) => {
  const of = kind(node);
  if (of === "select" || of === "radio") return chosenBy(node, text)[0].value;
  if (of === "multiselect") {
    const meant = parts(text).map((one) => chosenBy(node, one)[0].words);
    return choices(node).filter((c) => meant.includes(c.words)).map((c) => c.words).join(BETWEEN);
  }
  return text;
};
const owner = (node) => {
  const view = node.ownerDocument.defaultView;
  return { INPUT: view.HTMLInputElement, TEXTAREA: view.HTMLTextAreaElement, SELECT: view.HTMLSelectElement }[node.tagName];
};
const put = (node, text) => Object.getOwnPropertyDescriptor(owner(node).prototype, "value").set.call(node, text);
// leave a control as a person does; a page without the focus hears of it all the same
const leave = (node) => {
  const focused = node.getRootNode().activeElement === node && node.ownerDocument.hasFocus();
  focused ? node.blur() : fire(node, ["blur"]);
};
const slide = (node, text) => {
  const view = node.ownerDocument.defaultView;
  const many = steps(node, text);
  node.focus();
  for (let i = 0; i < Math.abs(many); i += 1)
    for (const name of ["keydown", "keyup"])
      node.dispatchEvent(new view.KeyboardEvent(name, { key: many > 0 ? "ArrowRight" : "ArrowLeft", keyCode: many > 0 ? 39 : 37, bubbles: true }));
  leave(node);
};
// an editor's own script hears of what its commands do
const compose = (node, text) => {
  const body = paper(node) || node;
  const doc = body.ownerDocument;
  body.focus();
  doc.defaultView.getSelection().selectAllChildren(body);
  text ? doc.execCommand("insertText", false, text) : doc.execCommand("delete");
  fire(body, ["keyup", "change"]);
  leave(body);
};
const choose = (node, text) => {
  const meant = new Set(parts(text).map((one) => chosenBy(node, one)[0].node));
  const all = choices(node);
  if (node.tagName !== "SELECT") return all.filter((c) => c.chosen !== meant.has(c.node)).forEach((c) => c.node.click());
  node.focus();
  all.forEach((c) => (c.node.selected = meant.has(c.node)));
  fire(node, ["input", "change"]);
  leave(node);
};
// `mode: js`: the value is there, and no handler hears of it
const assign = (node, text) => {
  const of = kind(node);
  const meant = parts(text).flatMap((one) => chosenBy(node, one).map((c) => c.node));
  if (of === "checkbox" && node.tagName === "INPUT") node.checked = text === "true";
  else if (choices(node).length) choices(node).forEach(({ node: one }) => (one[one.tagName === "OPTION" ? "selected" : "checked"] = meant.includes(one)));
  else if (of === "editable" || of === "rich") (paper(node) || node).textContent = text;
  else put(node, text);
};
const type = (node, text, mode) => {
  const of = kind(node);
  if (mode === "js") return assign(node, text);
  if (of === "radio") return chosenBy(node, text)[0].node.click();
  if (of === "checkbox") return String(ticked(node)) !== text && node.click();
  if (of === "multiselect") return choose(node, text);
  if (of === "rich") return compose(node, text);
  if (of === "slider" && node.tagName !== "INPUT") return slide(node, text);
  node.focus();
  if (of === "editable") {
    node.textContent = text;
    fire(node, ["input", "keyup", "change"]);
    return leave(node);
  }
  put(node, of === "select" ? expected(node, text) : text);
  fire(node, of === "select" ? ["input", "change"] : ["input", "keyup", "change"]);
  leave(node);
};
