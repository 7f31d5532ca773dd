/* Keys. Any element with data-key can be reached by it: "x" or a sequence "g f"; data-key-text says what it does.
   Links and buttons are clicked, fields get the focus. The list in the help dialog is made from the page itself, so it
   is never out of date. Single keys can be switched off (WCAG 2.1.4); the choice is kept in this browser.
   data-key-too is a second key of the same thing; data-sends names the button that Enter in a field presses. Escape
   goes back to where one came from, with its filters, and to the page above only where nobody came from. */
(function () {
  "use strict";
  var OFF = "reclaim.keys.off";
  var pending = "";
  var timer = 0;

  function off() {
    try { return localStorage.getItem(OFF) === "1"; } catch (refused) { return false; }
  }

  function typing(target) {
    return target.isContentEditable || /^(TEXTAREA|SELECT)$/.test(target.tagName) ||
      (target.tagName === "INPUT" && !/^(checkbox|radio|button|submit)$/.test(target.type));
  }

  function all() {
    return Array.prototype.filter.call(document.querySelectorAll("[data-key]"), function (one) {
      return !one.disabled && (one.closest("dialog") === null || one.closest("dialog").open);
    });
  }

  function find(key) {
    return all().find(function (one) { return one.dataset.key === key || one.dataset.keyToo === key; });
  }

  function starts(key) {
    return all().some(function (one) { return one.dataset.key.indexOf(key + " ") === 0; });
  }

  function use(element) {
    if (/^(INPUT|SELECT|TEXTAREA)$/.test(element.tagName) && !/^(submit|button|checkbox)$/.test(element.type)) {
      element.focus();
      if (element.select) { element.select(); }
    } else {
      element.click();
      var box = element.tagName === "SUMMARY" ? element.closest("details[data-act][open]:not([data-wrap])") : null;
      var field = box && box.querySelector("input:not([type=hidden]):not([type=checkbox]), select, textarea");
      // At once: the next letter is meant for the field, not for the page.
      if (field) { field.focus(); if (field.select) { field.select(); } }
    }
  }

  function closeMenus(except) {
    document.querySelectorAll("details.menu[open], details.desk-act[open]").forEach(function (menu) {
      if (menu !== except) { menu.open = false; }
    });
  }

  function kept(name, value) {
    try {
      if (value === undefined) { return sessionStorage.getItem(name); }
      if (value === null) { sessionStorage.removeItem(name); } else { sessionStorage.setItem(name, value); }
    } catch (refused) { return null; }
    return null;
  }

  /* Which page led to which, in this tab only. A page that answered a form cannot be opened again: it leads nowhere. */
  var TO = "reclaim.to", FROM = "reclaim.from", BACK = "reclaim.back:";
  var from = kept(TO) === location.pathname ? kept(FROM) : null;
  kept(TO, null);
  if (from && path(kept(BACK + path(from))) !== location.pathname) { kept(BACK + location.pathname, from); }

  function path(href) { return href ? new URL(href, location).pathname : ""; }

  function leaving(link) {
    if (link.origin !== location.origin || link.pathname === location.pathname || "posted" in document.body.dataset) { return; }
    kept(TO, link.pathname);
    kept(FROM, location.href);
  }

  document.addEventListener("keydown", function (event) {
    if (event.key !== "Enter" || event.isComposing || !event.target.closest("[data-sends]")) { return; }
    event.preventDefault();
    document.getElementById(event.target.dataset.sends).click();
  });

  document.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) { return; }
    if (event.key === "Escape") {
      var menu = event.target.closest("details.menu[open]");
      if (menu) { menu.open = false; menu.querySelector("summary").focus(); return; }
      if (typing(event.target)) { event.target.blur(); return; }
    }
    if (typing(event.target) || off() || document.querySelector("dialog[open]")) { return; }
    var key = pending ? pending + " " + event.key : event.key;
    pending = "";
    clearTimeout(timer);
    var element = find(key);
    var back = key === "Escape" && element ? kept(BACK + location.pathname) : null;
    if (element) {
      event.preventDefault();
      if (back) { location.assign(back); } else { use(element); }
    } else if (starts(key)) {
      event.preventDefault();
      pending = key;
      timer = setTimeout(function () { pending = ""; }, 1500);
    }
  });

  function describe(element) {
    return element.dataset.keyText || element.getAttribute("aria-label") || element.textContent.trim();
  }

  function row(key, text) {
    var line = document.createElement("div");
    var left = document.createElement("dt");
    var right = document.createElement("dd");
    key.split(" ").forEach(function (part) {
      var cap = document.createElement("kbd");
      cap.textContent = part;
      left.appendChild(cap);
    });
    right.textContent = text;
    line.append(left, right);
    return line;
  }

  function fill(list) {
    var names = document.createElement("dl");
    var seen = {};
    all().forEach(function (one) {
      if (!seen[one.dataset.key]) {
        seen[one.dataset.key] = true;
        names.appendChild(row(one.dataset.key + (one.dataset.keyToo ? " " + one.dataset.keyToo : ""), describe(one)));
      }
    });
    if (document.querySelector("[data-grid]")) {
      [["j", "Next row"], ["k", "Row before"], ["Enter", "Open the row"], ["x", "Select the row"],
        ["*", "Select all that the filter finds"]].forEach(function (pair) { names.appendChild(row(pair[0], pair[1])); });
    }
    list.replaceChildren(names);
  }

  document.addEventListener("click", function (event) {
    var link = event.target.closest("a[href]");
    if (link) { leaving(link); }
    var opener = event.target.closest("[data-opens]");
    if (opener) {
      var dialog = document.getElementById(opener.dataset.opens);
      var list = dialog.querySelector("[data-keys-list]");
      if (list) { fill(list); }
      dialog.showModal();
    }
    closeMenus(event.target.closest("details.menu, details.desk-act"));
  });

  var toggle = document.querySelector("[data-keys-toggle]");
  if (toggle) {
    toggle.checked = !off();
    toggle.addEventListener("change", function () {
      try { localStorage.setItem(OFF, toggle.checked ? "0" : "1"); } catch (refused) { return; }
    });
  }
})();
