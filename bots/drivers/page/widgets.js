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
const value = (node) => {
  const of = kind(node);
  if (of === "checkbox") return String(node.checked);
  if (of === "multiselect") return choices(node).filter((c) => c.chosen).map((c) => c.words).join(BETWEEN);
  if (of === "radio") return (siblings(node).find((r) => r.checked) || { value: "" }).value;
  if (of === "editable") return trim(node.innerText);
  return "value" in node && node.tagName !== "LI" && node.tagName !== "BUTTON" ? node.value : trim(node.textContent);
};
const locked = (node) => !!(node.disabled || node.readOnly || node.matches?.("fieldset[disabled] *"));
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
const fire = (node, names) => {
  const view = node.ownerDocument.defaultView;
  for (const name of names) {
    const event = name.startsWith("mouse") ? new view.MouseEvent(name, { bubbles: true })
      : name.startsWith("key") ? new view.KeyboardEvent(name, { bubbles: true }) : new view.Event(name, { bubbles: name !== "blur" });
    node.dispatchEvent(event);
  }
};
const parts = (text) => (text ? text.split(BETWEEN) : []);
// the choices that are meant: by what they are sent as or by their words; several where one's value is another's words
const chosenBy = (node, text) => choices(node).filter((c) => c.value === text || c.words === text);
const offers = (node, text) => {
  const of = kind(node);
  if (of === "checkbox") return text === "true" || text === "false";
  if (of === "multiselect") return parts(text).every((one) => chosenBy(node, one).length === 1);
  return !choices(node).length || chosenBy(node, text).length === 1;
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
const type = (node, text) => {
  const of = kind(node);
  if (of === "radio") return chosenBy(node, text)[0].node.click();
  if (of === "checkbox") return String(node.checked) !== text && node.click();
  if (of === "multiselect") {
    const meant = new Set(parts(text).map((one) => chosenBy(node, one)[0].node));
    const all = choices(node);
    if (node.tagName !== "SELECT") return all.filter((c) => c.chosen !== meant.has(c.node)).forEach((c) => c.node.click());
    node.focus();
    all.forEach((c) => (c.node.selected = meant.has(c.node)));
    fire(node, ["input", "change"]);
    return leave(node);
  }
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
