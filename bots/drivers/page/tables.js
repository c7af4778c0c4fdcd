// Lists: which rows stand below which headers, however a page draws them: a header anywhere in a table, cells that span others, sort
// signs and links in headers, head and body as tables of their own, boxes that only say that they are a grid.

const laidOut = new WeakMap(); // row → its cells, one for each column
const pinned = new WeakMap(); // row → the other boxes that show cells of it
const cellAt = (row, column) => laidOut.get(row)[column];
const textAt = (row, column) => trim(cellAt(row, column).textContent);
// whether a person sees it: not a copy that only keeps the widths of another table
const clearly = (node) => {
  const box = node.getClientRects()[0];
  return !!box && box.width > 2 && box.height > 2 && node.ownerDocument.defaultView.getComputedStyle(node).visibility !== "hidden";
};

// a cell that spans several columns or rows stands in each of them
const layOut = (rows) => {
  const lines = rows.map(() => []);
  rows.forEach((row, down) => {
    let along = 0;
    for (const cell of row.cells) {
      while (lines[down][along]) along += 1;
      const deep = Math.min(rows.length, down + (cell.rowSpan || rows.length));
      for (let y = down; y < deep; y += 1) for (let x = along; x < along + cell.colSpan; x += 1) lines[y][x] = cell;
    }
    laidOut.set(row, lines[down]);
  });
  return rows;
};
const GRIDS = "[role=grid]:not(table),[role=table]:not(table),[role=treegrid]:not(table)";
const CELLS = "[role=columnheader],[role=gridcell],[role=cell],[role=rowheader]";
// rows that are boxes; one row may stand in several of them, which then say its number
const layOutBoxes = (boxes) => {
  const rows = new Map();
  for (const box of boxes) {
    const number = box.getAttribute("aria-rowindex") || box.getAttribute("row-index") || box;
    const row = rows.get(number) || box;
    const line = row === box ? [] : laidOut.get(row);
    for (const cell of all(box, CELLS)) line[(Number(cell.getAttribute("aria-colindex")) || line.length + 1) - 1] = cell;
    laidOut.set(row, line);
    pinned.set(row, row === box ? [] : [...pinned.get(row), box]);
    rows.set(number, row);
  }
  return [...rows.values()];
};
const sheets = (doc) => [
  ...all(doc, "table").map((box) => ({ box, rows: layOut([...box.rows]) })),
  ...all(doc, GRIDS).map((box) => ({ box, rows: layOutBoxes(all(box, "[role=row]")) })),
];

const SIGNS = /[▲▼△▽↑↓⇅↕⇵▴▾]/g;
const called = (text) => bare((text || "").replace(SIGNS, ""));
const isHeader = (cell) => cell.tagName === "TH" || cell.getAttribute("role") === "columnheader";
// what a header cell may be called beside all that it says: it may hold a sort link, a number of its place in the order, a filter
const pieces = (cell) => {
  const leaves = all(cell, "*").filter((n) => !n.children.length && !SILENT.test(n.tagName)).map((n) => n.textContent);
  const own = [...cell.childNodes].filter((c) => c.nodeType === 3).map((c) => c.data).join("");
  return [own, ...leaves, cell.getAttribute("aria-label"), cell.title].map(called);
};
// the column with this header in the lines of one header; -1 where there is none, or where only pieces say so of several
const columnOf = (lines, name) => {
  const cells = [...new Set(lines.flat())].filter((cell) => cell && !cell.querySelector("table")); // that is a page's frame
  const whole = cells.find((cell) => called(cell.textContent) === called(name));
  const part = whole ? [whole] : cells.filter((cell) => isHeader(cell) && pieces(cell).includes(called(name)));
  if (part.length !== 1) return -1;
  return lines.find((line) => line.includes(part[0])).indexOf(part[0]);
};
const headOf = (sheet, columns) => {
  for (const [index, row] of sheet.rows.entries()) {
    const levels = row.parentElement.tagName === "THEAD" ? [...row.parentElement.rows] : [row];
    if (row !== levels.at(-1)) continue; // headers in several rows are one header
    const lines = levels.map((one) => laidOut.get(one));
    if (!lines.flat().some((cell) => cell && isHeader(cell)) && row.querySelector(`${TYPED},select,textarea`)) continue; // a form with the same words
    const at = columns.map((name) => columnOf(lines, name));
    if (!at.includes(-1)) return { box: sheet.box, head: row, heads: at.map((x) => lines.findLast((line) => line[x])[x]), at, line: lines.at(-1), after: index + 1 };
  }
  return null;
};
// a cell without words, or one with nothing but what is pressed
const wordless = (cell) => !cell || !bare(cell.textContent) || !!cell.querySelector(PRESSABLE);
// whether a row has one cell of its own below each of the headers: other rows say that there is nothing, or turn pages
const stands = ({ at, heads, line }, row) => {
  const own = laidOut.get(row);
  const cells = at.map((x) => own[x]);
  if (own.every(isHeader) || cells.includes(undefined) || new Set(cells).size !== new Set(heads).size) return false;
  if (cells.some((cell, i) => cell.colSpan !== heads[i].colSpan)) return false;
  if (own.length > line.length) return own.slice(line.length).every(wordless) && wordless(own[0]) === wordless(line[0]);
  return line.slice(own.length).every((cell) => !bare(cell?.textContent));
};
const close = (one, other) => Math.abs(one - other) <= 4;
const edge = (node) => node.getClientRects()[0] || { left: NaN, top: NaN, height: NaN };
const NEAR = 6; // boxes around a header in which its rows may stand as a table of their own
const headless = ({ rows }) => !rows.some((row) => laidOut.get(row).some(clearly) && laidOut.get(row).every(isHeader));
const under = (found, row) => found.at.every((x, i) => clearly(cellAt(row, x)) && close(edge(cellAt(row, x)).left, edge(found.heads[i]).left));
// where a table holds nothing but the header, the rows of the table whose cells stand under it
const joined = (found, known) => {
  for (let box = found.box.parentElement, up = 0; box && up < NEAR; box = box.parentElement, up += 1) {
    const others = known.filter((sheet) => sheet.box !== found.box && box.contains(sheet.box) && headless(sheet));
    const bodies = others.map((sheet) => ({ box: sheet.box, rows: sheet.rows.filter((row) => stands(found, row) && under(found, row)) })).filter(({ rows }) => rows.length);
    if (bodies.length) return bodies.length === 1 ? { ...found, rows: bodies[0].rows, body: bodies[0].box } : found;
  }
  return found;
};
// columns that stay where they are while the others roll are drawn again, over themselves
const over = (one, other) => close(edge(one).left, edge(other).left) && close(edge(one).top, edge(other).top);
const drawnOver = (one, other) =>
  one.rows.length === other.rows.length && one.heads.every((head, i) => clearly(head) && over(head, other.heads[i])) &&
  one.rows.every((row, y) => one.at.every((x, i) => {
    const [mine, theirs] = [cellAt(row, x), cellAt(other.rows[y], other.at[i])];
    return over(mine, theirs) && trim(mine.textContent) === trim(theirs.textContent);
  }));
const tables = (doc, columns) => {
  const known = sheets(doc);
  const heads = known.map((sheet) => [sheet, headOf(sheet, columns)]).filter(([, found]) => found);
  const whole = heads.map(([sheet, found]) => ({ ...found, rows: sheet.rows.slice(found.after).filter((row) => stands(found, row)) }));
  const split = whole.map((found) => (found.rows.length ? found : joined(found, known)));
  const bodies = split.filter(({ box }) => !split.some(({ body }) => body === box));
  const found = bodies.filter((one, i) => !bodies.slice(0, i).some((other) => drawnOver(one, other)));
  if (found.length < 2) return found;
  // several: a copy that nobody sees is none, and a form that has the words for labels is no list
  const only = [({ heads: own }) => own.every(clearly), ({ heads: own }) => own.every(isHeader)].map((test) => found.filter(test)).find((some) => some.length === 1);
  return only || found;
};
// all that is drawn of a row: a grid may show its first or last columns in tables of their own, at the same height
const drawnAs = (found, row) => {
  if (!found.body) return [row, ...(pinned.get(row) || [])];
  let box = found.body;
  for (let up = 0; up < NEAR && box.parentElement && !box.contains(found.head); up += 1) box = box.parentElement;
  box = box.parentElement || box;
  const level = (other) => close(edge(other).top, edge(row).top) && close(edge(other).height, edge(row).height);
  return [row, ...all(box, "tr").filter((other) => other !== row && other.closest("table") !== found.body && level(other))];
};
