// Runs before the scripts of every page: remembers what cannot be asked for later.

(() => {
  // the page that all others were opened from, directly or not
  const first = () => {
    let root = window.top;
    try {
      while (root.opener?.top.document) root = root.opener.top;
    } catch {
      // opened from another site's page: none of ours beyond this one
    }
    return root;
  };
  const open = window.open;
  window.open = (...how) => {
    const made = open.apply(window, how);
    if (made) (first().hedangOpened ||= []).push(made);
    return made;
  };
  // a link into a new window leaves no trace of it with the page that it stands on
  window.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href][target=_blank]");
    if (!link || event.defaultPrevented || link.hasAttribute("download") || link.protocol === "javascript:") return;
    event.preventDefault();
    window.open(link.href);
  });
  // what a page waits for from its server, and since when; what came counts until the page has had time to show it
  const SHOWN = 50; // milliseconds
  const waits = new Set();
  const waiting = () => {
    const wait = { since: performance.now() };
    waits.add(wait);
    return () => setTimeout(() => waits.delete(wait), SHOWN);
  };
  // the age of the youngest wait in milliseconds; nothing where there is none
  window.hedangWaiting = () => (waits.size ? performance.now() - Math.max(...[...waits].map((wait) => wait.since)) : null);
  const send = XMLHttpRequest.prototype.send;
  XMLHttpRequest.prototype.send = function (...body) {
    send.apply(this, body);
    if (this.readyState === 4) return;
    this.addEventListener("loadend", waiting(), { once: true });
  };
  const ask = window.fetch;
  window.fetch = (...what) => {
    const answer = ask(...what);
    const done = waiting();
    answer.then(done, done);
    return answer;
  };
  for (const reading of ["json", "text", "blob", "arrayBuffer", "formData"]) {
    const read = Response.prototype[reading];
    Response.prototype[reading] = function () {
      const content = read.call(this);
      const done = waiting();
      content.then(done, done);
      return content;
    };
  }
  // a page that is being left has no answer of its own: its button only turns to "logging in …"; one that stays after all was not left
  const LEFT = 5000; // milliseconds
  window.addEventListener("beforeunload", () => setTimeout(waiting(), LEFT));
  const attach = Element.prototype.attachShadow;
  Element.prototype.attachShadow = function (how) {
    if (how?.mode === "closed") (window.hedangSealed ||= new WeakSet()).add(this);
    return attach.call(this, how);
  };
})();
