/* Lists by keyboard: j/k and arrows move, Enter opens, x selects (Shift+arrows a range), * selects all: where the
   form has a place for it, all that the filter finds and not only this page. An act without a selection is about the
   row one stands on. The row stands where it stood when one comes back: refresh keeps the position. */
(function () {
  "use strict";
  var grid = document.querySelector("[data-grid]");
  if (!grid) { return; }
  var PLACE = "reclaim.row:" + location.pathname;
  var anchor = -1;
  var stood = null;
  var whole = document.querySelector("input[data-all]");

  function rows() { return Array.prototype.slice.call(grid.querySelectorAll("tr[data-row]")); }
  function at() { return rows().indexOf(document.activeElement && document.activeElement.closest("tr[data-row]")); }
  function box(row) { return row.querySelector(".tick input"); }

  function go(index) {
    var list = rows();
    if (!list.length) { return; }
    var row = list[Math.max(0, Math.min(list.length - 1, index))];
    row.focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
    try { sessionStorage.setItem(PLACE, String(list.indexOf(row))); } catch (refused) { return; }
  }

  function told() {
    var count = grid.querySelectorAll("tr[data-row] .tick input:checked").length;
    var said = document.getElementById("said");
    var words = whole && whole.value ? "all of the filter" : String(count);
    if (said) { said.textContent = words + " selected"; }
    grid.querySelectorAll("[data-selected-count]").forEach(function (one) { one.textContent = words; });
  }

  function every(on) {
    if (whole) { whole.value = on ? "yes" : ""; }
  }

  function tick(row, on) {
    var input = box(row);
    if (input) {
      input.checked = on;
      row.classList.toggle("ticked", on);
      if (!on) { every(false); }
      told();
    }
  }

  function typing(target) {
    return /^(TEXTAREA|SELECT)$/.test(target.tagName) || (target.tagName === "INPUT" && target.type !== "checkbox");
  }

  function range(to) {
    var from = Math.min(anchor, to);
    rows().slice(from, Math.max(anchor, to) + 1).forEach(function (row) { tick(row, true); });
  }

  var moves = {
    j: 1, ArrowDown: 1, k: -1, ArrowUp: -1, PageDown: 10, PageUp: -10, Home: -1e6, End: 1e6
  };

  document.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || typing(event.target)) { return; }
    if (document.querySelector("dialog[open]")) { return; }
    var here = at();
    if (moves[event.key] && (here >= 0 || /^[jk]$|^Arrow/.test(event.key))) {
      event.preventDefault();
      if (event.shiftKey && anchor < 0) { anchor = here; }
      go(here < 0 ? 0 : here + moves[event.key]);
      if (event.shiftKey) { range(at()); } else { anchor = -1; }
    } else if (event.key === "Enter" && here >= 0 && event.target.tagName === "TR") {
      var link = rows()[here].querySelector("a.open");
      if (link) { event.preventDefault(); link.click(); }
    } else if (event.key === "x" && here >= 0) {
      event.preventDefault();
      tick(rows()[here], !box(rows()[here]) || !box(rows()[here]).checked);
    } else if (event.key === "*") {
      event.preventDefault();
      every(true);
      rows().forEach(function (row) { tick(row, true); });
    }
  });

  grid.addEventListener("focusin", function (event) {
    stood = event.target.closest("tr[data-row]") || stood;
  });
  var form = grid.closest("form");
  if (form) {
    form.addEventListener("submit", function () {
      if (!grid.querySelector("tr[data-row] .tick input:checked") && stood) { tick(stood, true); }
    });
  }
  grid.addEventListener("click", function (event) {
    var row = event.target.closest("tr[data-row]");
    if (row && !event.target.closest("a, button, input, label, summary")) { go(rows().indexOf(row)); }
  });
  grid.addEventListener("dblclick", function (event) {
    var row = event.target.closest("tr[data-row]");
    var link = row && row.querySelector("a.open");
    if (link && !event.target.closest("a, button, input, label, summary")) { link.click(); }
  });
  grid.addEventListener("change", function (event) {
    if (event.target.matches("[data-tick-all]")) {
      rows().forEach(function (row) { tick(row, event.target.checked); });
    } else if (event.target.closest(".tick")) {
      tick(event.target.closest("tr"), event.target.checked);
    }
  });

  var kept = null;
  try { kept = sessionStorage.getItem(PLACE); } catch (refused) { kept = null; }
  if (kept !== null && (document.activeElement === document.body || document.activeElement === null)) { go(Number(kept)); }
})();
