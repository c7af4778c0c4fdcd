// A table of rows that is sent with its form: the first column names a row; cells stand with | between them, rows with ；.

const titles = (t) => t.options.columns.split("|");
// a form may have the same words for labels
const grid = (t) => tables(page(t.place) || document, titles(t)).filter(({ head }) => visible(head) && !head.querySelector(TYPED));
const listed = (text) => parts(text).map((row) => row.split("|"));
const said = (cell) => {
  const control = cell.querySelector(ANY);
  return control ? reads(control) : trim(cell.textContent);
};
const onPage = (t) => {
  const found = grid(t);
  if (found.length !== 1) refuse("absent", { count: found.length });
  return found[0].rows.map((row) => ({ row, cells: found[0].at.map((i) => said(cellAt(row, i))) })).filter(({ cells }) => cells.some(Boolean));
};
const button = (t, part) => {
  const found = t.parts[part] ? find(t.parts[part]).filter((n) => visible(n) && !locked(n)) : [];
  return found.length === 1 ? found[0] : null;
};
const rewind = async (t) => {
  if (button(t, "first")) await touch(t, "first");
};
// all rows, or those up to the first that answers
const eachPage = async (t, look) => {
  await rewind(t);
  for (const past = new Set(); ; ) {
    const now = onPage(t);
    const shownNow = JSON.stringify(now.map(({ cells }) => cells));
    if (past.has(shownNow) || look(now)) return;
    past.add(shownNow);
    const next = button(t, "next");
    if (!next) return;
    await after(() => click(next));
  }
};
const allRows = async (t) => {
  const found = [];
  await eachPage(t, (now) => (found.push(...now.map(({ cells }) => cells)), false));
  return found;
};
const told = async (t) => (await allRows(t)).map((cells) => cells.join("|")).join(BETWEEN);
const rowOf = async (t, name) => {
  let found = [];
  await eachPage(t, (now) => (found = now.filter(({ cells }) => cells[0] === name)).length > 0);
  if (found.length !== 1) refuse(found.length ? "several" : "option");
  return found[0].row;
};
const pressIn = async (t, row, part) => {
  const found = sought(t.parts[part], row).nodes;
  if (found.length !== 1) refuse("absent", { count: found.length, part });
  await after(() => click(found[0]));
};
// where a row is typed into: its own cells, or a form whose labels are the headers
const typedIn = (t, row) => {
  const { at } = grid(t)[0];
  const own = at.map((i) => row && cellAt(row, i)?.querySelector(ANY));
  if (own.every(Boolean)) return own;
  return titles(t).map((label) => {
    const found = sought({ ...t, parts: {}, options: {}, label, name: "", css: "", xpath: "", role: "", text: "", widget: "auto" }).nodes.filter(visible);
    if (found.length !== 1) refuse("absent", { count: found.length, part: label });
    return found[0];
  });
};
const fillRow = async (t, row, cells) => {
  const controls = typedIn(t, row);
  controls.forEach((control, i) => (locked(control) && reads(control) === cells[i]) || (offers(control, cells[i]) && (kind(control) === "multiselect" || byWords(control, cells[i]))) || refuse("option"));
  await after(() => controls.forEach((control, i) => reads(control) === cells[i] || type(control, cells[i])));
  if (!t.parts.done) return;
  row?.isConnected && sought(t.parts.done, row).nodes.length === 1 ? await pressIn(t, row, "done") : await touch(t, "done");
};
const editing = (t) => onEmpty(t).find((row) => row.querySelector(ANY)) || null;
const onEmpty = (t) => [...grid(t)[0].rows].reverse();
const rows = async (t, text) => {
  const wanted = new Map(listed(text).map((cells) => [cells[0], cells]));
  const have = new Map((await allRows(t)).map((cells) => [cells[0], cells]));
  for (const name of have.keys()) if (!wanted.has(name)) await pressIn(t, await rowOf(t, name), "delete");
  for (const [name, cells] of wanted) {
    if (have.get(name)?.join("|") === cells.join("|")) continue;
    const row = have.has(name) ? await rowOf(t, name) : null;
    if (!row) await touch(t, "add");
    else if (t.parts.edit) await pressIn(t, row, "edit");
    await fillRow(t, row?.isConnected ? row : editing(t), cells);
  }
};
const distinct = (names) => new Set(names).size === names.length;
// what can be said before anything is pressed
const rowsOffered = (t, text) => {
  const wanted = listed(text);
  return distinct(wanted.map(([name]) => name)) && wanted.every((cells) => cells.length === titles(t).length && cells[0]) && distinct(onPage(t).map(({ cells }) => cells[0]));
};
STEPS.rows = rows;
