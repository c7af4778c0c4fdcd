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
  // what a page waits for from its server
  window.hedangBusy = 0;
  const done = () => (window.hedangBusy -= 1);
  const send = XMLHttpRequest.prototype.send;
  XMLHttpRequest.prototype.send = function (...body) {
    send.apply(this, body);
    if (this.readyState === 4) return;
    window.hedangBusy += 1;
    this.addEventListener("loadend", done, { once: true });
  };
  const ask = window.fetch;
  window.fetch = (...what) => {
    window.hedangBusy += 1;
    const answer = ask(...what);
    answer.then(done, done);
    return answer;
  };
  const attach = Element.prototype.attachShadow;
  Element.prototype.attachShadow = function (how) {
    if (how?.mode === "closed") (window.hedangSealed ||= new WeakSet()).add(this);
    return attach.call(this, how);
  };
})();
