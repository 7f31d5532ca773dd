/* The small forms of the desk: a key opens one and stands in its first field, Enter sends it. The wrap-up takes two
   digits, the first for the result, the second for the follow-up, and Enter. */
(function () {
  "use strict";

  function first(box) {
    return box.querySelector("input:not([type=hidden]):not([type=checkbox]), select, textarea");
  }

  document.querySelectorAll("details[data-act]").forEach(function (box) {
    box.addEventListener("toggle", function () {
      var field = box.open && !box.hasAttribute("data-wrap") ? first(box) : null;
      var inside = box.contains(document.activeElement) && document.activeElement.tagName !== "SUMMARY";
      if (field && !inside) { field.focus(); if (field.select) { field.select(); } }
    });
    box.addEventListener("keydown", function (event) {
      if (event.key === "Escape" && box.open) {
        box.open = false;
        box.querySelector("summary").focus();
        event.stopPropagation();
      } else if (event.key === "Enter" && /^(INPUT|SELECT)$/.test(event.target.tagName) && event.target.type !== "radio") {
        var form = event.target.closest("form");
        var own = form && box.contains(form) ? form : box;
        var send = own.querySelector("button[name=act], button[data-send], button[type=submit]");
        if (send) { event.preventDefault(); send.click(); }
      }
    });
  });

  var wrap = document.querySelector("details[data-wrap]");
  if (!wrap) { return; }
  document.addEventListener("keydown", function (event) {
    if (!wrap.open || event.ctrlKey || event.metaKey || event.altKey) { return; }
    var target = event.target;
    if (/^(TEXTAREA|SELECT)$/.test(target.tagName) || (target.tagName === "INPUT" && target.type === "text")) { return; }
    var groups = Array.prototype.slice.call(wrap.querySelectorAll("[data-digits]"));
    if (/^[1-9]$/.test(event.key)) {
      var open = groups.find(function (one) { return !one.querySelector("input:checked"); }) || groups[groups.length - 1];
      var choice = open.querySelector("input[value='" + event.key + "']");
      if (choice) { choice.checked = true; choice.focus(); }
      event.preventDefault();
      event.stopImmediatePropagation();
    } else if (event.key === "Enter" && groups.every(function (one) { return one.querySelector("input:checked"); })) {
      event.preventDefault();
      event.stopImmediatePropagation();
      wrap.querySelector("form").requestSubmit();
    }
  }, true);
})();
