/* The editor of a claim on its way out. What is typed is checked a moment later and kept before anything else happens to
   the page; an answer never touches what stands in a field. Without this script the button Check does the same.
   F8 checks and keeps, Ctrl+Enter finishes, u gives back what is not kept yet, else what was billed. */
(function () {
  "use strict";
  var form = document.querySelector("form[data-rebill]");
  if (!form) { return; }
  var PAUSE = 450;
  var timer = 0, turn = 0, keeping = null, leaving = false;
  var token = form.querySelector("input[name=csrf_token]").value;

  function fields() {
    return Array.prototype.filter.call(form.elements, function (one) { return "field" in one.dataset; });
  }

  function changed(one) { return one.value !== one.dataset.was; }

  function edits() {
    return fields().filter(changed).map(function (one) {
      return { field: one.dataset.field, line: Number(one.dataset.line), index: Number(one.dataset.index), value: one.value };
    });
  }

  function send(address, body, more) {
    return fetch(address, Object.assign({
      method: "POST",
      credentials: "same-origin",
      headers: { "Content-Type": "application/json", "X-CSRFToken": token, Accept: "application/json" },
      body: JSON.stringify(body)
    }, more || {})).then(function (answer) {
      return answer.json().then(function (said) { return { good: answer.ok, said: said }; });
    });
  }

  function version() { return Number(form.querySelector("input[name=version]").value); }

  function find(name, line) {
    return fields().find(function (one) { return one.dataset.field === name && Number(one.dataset.line) === (line || 0); }) ||
      fields().find(function (one) { return one.dataset.field === name; });
  }

  function say(text) {
    var said = document.getElementById("said");
    if (said && said.textContent !== text) { said.textContent = text; }
  }

  function item(problem) {
    var line = document.createElement("li");
    var words = document.createElement("span");
    var what = document.createElement("small");
    line.className = "rb-" + problem.does;
    words.textContent = problem.words;
    what.textContent = problem.unblock || "";
    line.append(words, what);
    return line;
  }

  function clear() {
    form.querySelectorAll("[data-say]").forEach(function (one) { one.replaceChildren(); one.hidden = true; });
    fields().forEach(function (one) {
      one.removeAttribute("aria-invalid");
      one.removeAttribute("aria-describedby");
      one.classList.remove("rb-wrong", "rb-doubt");
      one.classList.toggle("rb-changed", one.value !== one.dataset.billed);
    });
  }

  function problems(all) {
    var rest = document.querySelector("[data-problems-rest]");
    clear();
    if (rest) { rest.replaceChildren(); }
    all.forEach(function (problem) {
      var field = problem.field && find(problem.field, problem.line);
      var place = field && document.getElementById(field.dataset.sayAt);
      if (place) {
        place.appendChild(item(problem));
        place.hidden = false;
        field.classList.add(problem.does === "error" ? "rb-wrong" : "rb-doubt");
        field.setAttribute("aria-describedby", place.id);
        if (problem.does === "error") { field.setAttribute("aria-invalid", "true"); }
      } else if (rest) { rest.appendChild(item(problem)); }
    });
    if (rest) { rest.closest("[data-problems]").hidden = !rest.children.length; }
    var errors = all.filter(function (one) { return one.does === "error"; }).length;
    document.querySelectorAll("[data-errors]").forEach(function (one) {
      one.textContent = errors ? errors + (errors === 1 ? " error" : " errors") : all.length ? all.length + (all.length === 1 ? " warning" : " warnings") : "nothing wrong";
      one.className = errors ? "late" : all.length ? "soon" : "rb-fine";
    });
    return errors;
  }

  function change(one) {
    var line = document.createElement("li");
    line.appendChild(document.createTextNode((one.line ? "Line " + one.line + ", " : "") + one.label + ": "));
    [["del", one.before], ["ins", one.after]].forEach(function (pair, at) {
      if (!pair[1]) { return; }
      if (at && one.before) { line.appendChild(document.createTextNode(" → ")); }
      var mark = document.createElement(pair[0]);
      mark.textContent = pair[1];
      line.appendChild(mark);
    });
    return line;
  }

  function segment(kind, text) {
    var line = document.createElement(kind);
    line.textContent = text;
    return line;
  }

  function changes(all) {
    var words = document.querySelector("[data-changes]"), raw = document.querySelector("[data-segments]");
    if (words) {
      words.replaceChildren.apply(words, all.map(change));
      words.closest("section").querySelector("[data-same]").hidden = all.length > 0;
    }
    if (raw) {
      raw.replaceChildren();
      var seen = {};
      all.forEach(function (one) {
        var both = one.segment_before + "\n" + one.segment_after;
        if (seen[both]) { return; }
        seen[both] = true;
        if (one.segment_before) { raw.appendChild(segment("del", one.segment_before)); }
        if (one.segment_after) { raw.appendChild(segment("ins", one.segment_after)); }
      });
    }
  }

  function shown(said) {
    var errors = problems(said.problems || []);
    changes(said.changes || []);
    var charge = String(said.charge).replace(/\B(?=(\d{3})+\.)/g, ",");
    document.querySelectorAll("[data-charge]").forEach(function (one) { one.textContent = charge; });
    return errors;
  }

  function refused(said) {
    var field = said.field && find(said.field, 0);
    problems([{ does: "error", field: said.field || "", line: field ? Number(field.dataset.line) : 0, words: said.message, unblock: "" }]);
    say(said.message);
  }

  function state(text, kind) {
    document.querySelectorAll("[data-kept]").forEach(function (one) { one.textContent = text; one.className = kind || "soft"; });
  }

  function check() {
    var mine = (turn += 1);
    state(edits().length ? "not kept yet" : "kept");
    send(form.dataset.check, { edits: edits() }).then(function (answer) {
      if (mine !== turn) { return; }  // A later keystroke has asked again.
      if (answer.good) {
        var errors = shown(answer.said);
        say(errors ? errors + (errors === 1 ? " error" : " errors") : "No errors");
      } else { refused(answer.said.error || answer.said); }
    }, function () { state("not checked: no connection", "late"); });
  }

  function keep() {
    var sent = edits(), mine = (turn += 1);
    if (keeping) { return keeping.then(keep); }
    if (!sent.length) { check(); return Promise.resolve(true); }
    keeping = send(form.dataset.keep, { version: version(), edits: sent }).then(function (answer) {
      keeping = null;
      if (!answer.good) {
        refused(answer.said.error || answer.said);
        state("not kept", "late");
        return false;
      }
      document.querySelectorAll("input[name=version]").forEach(function (one) { one.value = answer.said.version; });
      sent.forEach(function (one) {
        var field = fields().find(function (each) {
          return each.dataset.field === one.field && Number(each.dataset.line) === one.line && Number(each.dataset.index) === one.index;
        });
        if (field) { field.dataset.was = one.value; }
      });
      if (answer.said.again) {  // Something was taken out of a list: what follows stands elsewhere now.
        leaving = true;
        location.assign(location.pathname + "?field=" + sent[0].field + "&line=" + sent[0].line);
        return false;
      }
      if (mine === turn) { shown(answer.said); }
      state(edits().length ? "not kept yet" : "kept");
      return true;
    }, function () { keeping = null; state("not kept: no connection", "late"); return false; });
    return keeping;
  }

  form.addEventListener("input", function (event) {
    if (!("field" in event.target.dataset)) { return; }
    event.target.classList.toggle("rb-changed", event.target.value !== event.target.dataset.billed);
    clearTimeout(timer);
    timer = setTimeout(check, PAUSE);
  });

  /* Every other form of the page goes only after what was typed is kept. */
  document.addEventListener("submit", function (event) {
    var other = event.target, button = event.submitter;
    if (leaving || other.method !== "post") { return; }
    if (button && "check" in button.dataset) {
      event.preventDefault();
      keep().then(function (good) { if (good) { say(document.querySelector("[data-errors]").textContent); } });
      return;
    }
    if (!edits().length) { return; }
    event.preventDefault();
    keep().then(function (good) {
      if (good) { leaving = true; other.requestSubmit(button || undefined); }
    });
  });

  window.addEventListener("pagehide", function () {
    if (edits().length && !leaving) { send(form.dataset.keep, { version: version(), edits: edits() }, { keepalive: true }); }
  });

  function undo() {
    if (keeping) { keeping.then(undo); return; }  // What is on its way is kept, not given back.
    var left = fields().filter(changed), back = left.length ? "was" : "billed";
    fields().forEach(function (one) {
      if (one.dataset[back] !== undefined && !one.readOnly) { one.value = one.dataset[back]; }
    });
    check();
    say(left.length ? "As last kept" : "As billed");
  }

  document.querySelectorAll("[data-undo]").forEach(function (one) {
    one.hidden = false;
    one.addEventListener("click", undo);
  });

  document.addEventListener("keydown", function (event) {
    if (event.isComposing || document.querySelector("dialog[open]")) { return; }
    var press = event.key === "F8" ? "[data-check]" : event.key === "Enter" && (event.ctrlKey || event.metaKey) ? "[data-finish]" : "";
    var button = press && document.querySelector(press);
    if (button && !button.disabled) { event.preventDefault(); button.click(); }
  });

  /* Where the cursor is wanted: in what the payer asked for. Elsewhere the keys of the page work at once. */
  var wanted = form.dataset.focus ? find(form.dataset.focus, Number(form.dataset.focusLine)) : null;
  if (wanted && !wanted.readOnly && !wanted.disabled) {
    var more = wanted.closest("details:not([open])");
    if (more) { more.open = true; }
    wanted.focus({ preventScroll: true });
    wanted.scrollIntoView({ block: "center" });
    if (wanted.select) { wanted.select(); }
  }
})();
