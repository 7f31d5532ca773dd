/* The grid for paper EOBs, without a mouse: Tab across, Enter the next line, + what remains, F8 apply the line or the
   claim, F9 save the batch. Every change is sent to the server a moment later; nothing lives only in this page. */
(function () {
  "use strict";
  var form = document.getElementById("keyed");
  if (!form) { return; }
  var body = JSON.parse(form.dataset.body);
  body.header = body.header || {};
  body.claims = body.claims || [];
  var version = Number(form.dataset.version);
  var holder = document.getElementById("keyed-claims");
  var words = document.getElementById("keyed-words");
  var saved = document.getElementById("keyed-saved");
  var token = form.querySelector("[name=csrf_token]").value;
  var labels = {};
  var timer = 0;
  var sending = null;
  var dirty = false;
  var LINE = [["code", "Service", "wide"], ["day", "Date", "wide"], ["units", "Units", "num"], ["charge", "Charge", "num"], ["allowed", "Allowed", "num"], ["paid", "Paid", "num"]];
  var HEAD = [["control", "Claim number"], ["last", "Last name"], ["first", "First name"], ["payer_control", "Payer's number"], ["status", "Status (1 paid, 2 secondary, 4 denied, 22 reversal)"]];

  function cents(text) {
    var clean = String(text || "").replace(/[,$\s]/g, "");
    var match = /^(-?)(\d*)(?:\.(\d{0,2}))?$/.exec(clean);
    if (!match || (!match[2] && !match[3])) { return 0; }
    var value = Number(match[2] || "0") * 100 + Number(((match[3] || "") + "00").slice(0, 2));
    return match[1] ? -value : value;
  }

  function dollars(value) {
    var whole = Math.floor(Math.abs(value) / 100);
    var part = String(Math.abs(value) % 100);
    return (value < 0 ? "-" : "") + whole + "." + (part.length < 2 ? "0" + part : part);
  }

  function taken(list) {
    return (list || []).reduce(function (sum, one) { return sum + cents(one.amount); }, 0);
  }

  function left(line) { return cents(line.charge) - taken(line.cas) - cents(line.paid); }
  function paidOf(claim) { return claim.lines.reduce(function (sum, line) { return sum + cents(line.paid); }, 0); }
  function chargeOf(claim) { return claim.lines.reduce(function (sum, line) { return sum + cents(line.charge); }, 0); }
  function leftOf(claim) { return claim.lines.reduce(function (sum, line) { return sum + left(line); }, 0) - taken(claim.cas); }

  function make(name, attributes, text) {
    var element = document.createElement(name);
    Object.keys(attributes || {}).forEach(function (key) { element.setAttribute(key, attributes[key]); });
    if (text !== undefined) { element.textContent = text; }
    return element;
  }

  function field(owner, key, path, label, kind) {
    var input = make("input", { "data-path": path + key, "aria-label": label, "class": kind || "", "maxlength": "80" });
    input.value = owner[key] || "";
    input.addEventListener("input", function () { owner[key] = input.value; changed(); });
    return input;
  }

  function pairs(row, owner, path, at) {
    var one = owner.cas[at];
    var where = path + "cas." + at + ".";
    var name = at === 0 ? "Adjustment" : "Adjustment " + (at + 1);
    var code = field(one, "code", where, name + ", group and reason", "wide");
    var amount = field(one, "amount", where, name + ", amount", "num");
    code.placeholder = "CO-45";
    code.addEventListener("input", function () { speak(code.value); });
    code.addEventListener("focus", function () { speak(code.value); });
    [code, amount].forEach(function (input) { row.appendChild(make("td")).appendChild(input); });
    amount.addEventListener("input", function () {
      if (at + 1 === owner.cas.length && amount.value) { owner.cas.push({}); pairs(row, owner, path, at + 1); }
    });
  }

  function speak(text) {
    var code = String(text).toUpperCase().replace(" ", "-").replace(/^(CO|PR|OA|PI)-?/, "");
    words.textContent = labels[code] ? text.toUpperCase() + ": " + labels[code] : "";
  }

  function lineRow(claim, number, path) {
    var line = claim.lines[number];
    var row = make("tr", { "data-row": String(number) });
    line.cas = line.cas && line.cas.length ? line.cas : [{}, {}];
    LINE.forEach(function (one) {
      row.appendChild(make("td")).appendChild(field(line, one[0], path, "Line " + (number + 1) + ", " + one[1].toLowerCase(), one[2]));
    });
    row.appendChild(make("td", { "class": "keyed-left", "data-left": "line" }));
    row.appendChild(make("td")).appendChild(field(line, "remarks", path, "Line " + (number + 1) + ", remark codes", "wide"));
    line.cas.forEach(function (one, at) { pairs(row, line, path, at); });
    return row;
  }

  function drawClaim(claim, at) {
    var path = "claims." + at + ".";
    var panel = make("section", { "class": "panel keyed-claim", "aria-label": "Claim " + (at + 1) });
    var head = make("div", { "class": "keyed-claim-head" });
    HEAD.forEach(function (one) {
      var label = make("label", {}, one[0] === "status" ? "Status" : one[1]);
      label.appendChild(field(claim, one[0], path, one[1]));
      head.appendChild(label);
    });
    var wrap = make("div", { "class": "keyed-grid" });
    var table = make("table");
    var titles = make("tr");
    LINE.concat([["", "Left"], ["", "Remarks"], ["", "Adjustments"]]).forEach(function (one) { titles.appendChild(make("th", { "scope": "col" }, one[1])); });
    table.appendChild(make("thead")).appendChild(titles);
    var rows = table.appendChild(make("tbody"));
    claim.lines.forEach(function (line, number) { rows.appendChild(lineRow(claim, number, path + "lines." + number + ".")); });
    wrap.appendChild(table);
    var foot = make("div", { "class": "panel-head" });
    foot.appendChild(make("span", { "class": "soft", "data-sum": String(at) }));
    var add = make("button", { "type": "button", "class": "btn" }, "Another line");
    add.addEventListener("click", function () { claim.lines.push({ units: "1", qualifier: "HC" }); draw(); focusOn(at, claim.lines.length - 1, "code"); changed(); });
    var drop = make("button", { "type": "button", "class": "btn" }, "Remove claim");
    drop.addEventListener("click", function () { body.claims.splice(at, 1); draw(); changed(); document.getElementById("keyed-q").focus(); });
    var doings = foot.appendChild(make("span"));
    doings.append(add, " ", drop);
    panel.append(head, wrap, foot);
    return panel;
  }

  function draw() {
    holder.replaceChildren.apply(holder, body.claims.map(drawClaim));
    balance();
  }

  function focusOn(claim, line, name) {
    var input = form.querySelector('[data-path="claims.' + claim + ".lines." + line + "." + name + '"]');
    if (input) { input.focus(); input.select(); }
    return Boolean(input);
  }

  function balance() {
    body.claims.forEach(function (claim, at) {
      var panel = holder.children[at];
      claim.lines.forEach(function (line, number) {
        var cell = panel.querySelectorAll("[data-left]")[number];
        var off = left(line);
        cell.textContent = dollars(off);
        cell.className = "keyed-left " + (off ? "off" : "even");
      });
      panel.querySelector("[data-sum]").textContent = "Charge " + dollars(chargeOf(claim)) + " · paid " + dollars(paidOf(claim)) + " · left " + dollars(leftOf(claim));
    });
    var paid = body.claims.reduce(function (sum, claim) { return sum + paidOf(claim); }, 0);
    var sums = document.getElementById("keyed-sums");
    sums.replaceChildren();
    [["Claims", body.claims.length + " of " + (body.header.control_claims || "?")], ["Keyed", dollars(paid)],
      ["Left of the total", dollars(cents(body.header.control_total) - paid)], ["Left of the check", dollars(cents(body.header.amount) - paid)]].forEach(function (one) {
      var pair = sums.appendChild(make("div"));
      pair.append(make("dt", {}, one[0]), make("dd", {}, one[1]));
    });
  }

  function post(address, content) {
    return fetch(address, { method: "POST", credentials: "same-origin", headers: { "Content-Type": "application/json", "X-CSRFToken": token }, body: JSON.stringify(content) })
      .then(function (answer) { return answer.json().then(function (made) { return { ok: answer.ok, made: made }; }); });
  }

  function changed() {
    dirty = true;
    saved.textContent = "Not saved yet";
    balance();
    clearTimeout(timer);
    timer = setTimeout(keep, 500);
  }

  function keep() {
    clearTimeout(timer);
    if (sending) { return sending.then(keep); }
    if (!dirty) { return Promise.resolve(); }
    dirty = false;
    sending = post(form.dataset.save, { body: body, version: version }).then(function (answer) {
      sending = null;
      if (!answer.ok) { saved.textContent = answer.made.refused || "It could not be saved."; dirty = true; return; }
      version = answer.made.version;
      form.querySelector("[name=version]").value = version;
      if (!dirty) { saved.textContent = "Saved " + new Date().toLocaleTimeString(); }
      complain(answer.made.problems);
    }).catch(function () {
      sending = null;
      dirty = true;
      saved.textContent = "No connection; it is tried again.";
      timer = setTimeout(keep, 3000);
    });
    return sending;
  }

  function complain(problems) {
    var list = document.getElementById("keyed-problems");
    form.querySelectorAll("[aria-invalid]").forEach(function (one) { one.removeAttribute("aria-invalid"); });
    list.replaceChildren();
    problems.forEach(function (one) {
      var input = form.querySelector('[data-path="' + one.field + '"]') || form.querySelector('[data-h="' + one.field.replace("header.", "") + '"]');
      if (input && input.value && one.does === "hold") { input.setAttribute("aria-invalid", "true"); }
      list.appendChild(make("li", {}, (input ? (input.getAttribute("aria-label") || "") + " " : "") + one.words));
    });
  }

  function take(claim) {
    var made = { control: claim.control, last: claim.last, first: claim.first, filing: claim.filing, status: "1", claim: claim.claim, payer_control: "" };
    made.lines = claim.lines.length ? claim.lines : [{ units: "1", qualifier: "HC" }];
    body.claims.push(made);
    if (!body.header.payer_name && claim.payer) { body.header.payer_name = claim.payer; form.querySelector("[data-h=payer_name]").value = claim.payer; }
    document.getElementById("keyed-found").replaceChildren();
    document.getElementById("keyed-q").value = "";
    draw();
    changed();
    focusOn(body.claims.length - 1, 0, "paid");
  }

  function find(first) {
    var text = document.getElementById("keyed-q").value;
    var list = document.getElementById("keyed-found");
    if (!text.trim()) { return; }
    post(form.dataset.find, { q: text }).then(function (answer) {
      list.replaceChildren();
      var claims = answer.made.claims || [];
      if (first && claims.length === 1) { take(claims[0]); return; }
      claims.forEach(function (claim) {
        var button = make("button", { "type": "button" });
        button.append(make("span", { "class": "code" }, claim.control), make("span", {}, claim.last + ", " + claim.first), make("span", { "class": "soft" }, claim.day), make("span", {}, claim.charge));
        button.addEventListener("click", function () { take(claim); });
        list.appendChild(make("li")).appendChild(button);
      });
      if (claims.length) { list.querySelector("button").focus(); return; }
      words.textContent = answer.made.refused || "No claim of ours is called so. Enter once more keys it without one.";
      list.dataset.none = text;
    });
  }

  function place(input) {
    var match = /^claims\.(\d+)\.lines\.(\d+)\.(.+)$/.exec(input.dataset.path || "");
    return match && { claim: Number(match[1]), line: Number(match[2]), name: match[3] };
  }

  function onward(at) {
    if (focusOn(at.claim, at.line + 1, "paid")) { return; }
    if (!focusOn(at.claim + 1, 0, "paid")) { document.getElementById("keyed-q").focus(); }
  }

  function apply() {
    var at = place(document.activeElement) || { claim: body.claims.length - 1, line: 0 };
    var claim = body.claims[at.claim];
    if (!claim) { document.getElementById("keyed-q").focus(); return; }
    var off = left(claim.lines[at.line] || {});
    if (off) { words.textContent = "This line is off by " + dollars(off) + ": + puts it where you are."; return; }
    words.textContent = "Line applied" + (leftOf(claim) ? "." : "; the claim balances.");
    keep();
    onward(at);
  }

  function remaining(input) {
    var at = place(input);
    if (!at) {
      var paid = body.claims.reduce(function (sum, claim) { return sum + paidOf(claim); }, 0);
      if (/^(amount|control_total)$/.test(input.dataset.h || "")) { input.value = dollars(paid); return true; }
      return false;
    }
    if (!/^(paid|charge|allowed)$|\.amount$/.test(at.name)) { return false; }
    var line = body.claims[at.claim].lines[at.line];
    if (at.name === "charge") { input.value = dollars(taken(line.cas) + cents(line.paid)); return true; }
    if (at.name === "allowed") { input.value = dollars(cents(line.charge) - (line.cas || []).reduce(function (sum, one) { return sum + (/^CO/i.test(one.code || "") ? cents(one.amount) : 0); }, 0)); return true; }
    input.value = dollars(left(line) + cents(input.value));
    return true;
  }

  form.querySelectorAll("[data-h]").forEach(function (input) {
    var key = input.dataset.h;
    if (body.header[key]) { input.value = body.header[key]; } else if (input.tagName === "SELECT") { body.header[key] = input.value; }
    input.addEventListener("input", function () { body.header[key] = input.value; changed(); });
  });

  form.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.metaKey || event.altKey) { return; }
    var target = event.target;
    if (event.key === "+" && target.tagName === "INPUT" && remaining(target)) {
      event.preventDefault();
      target.dispatchEvent(new Event("input", { bubbles: true }));
    } else if (event.key === "F8") {
      event.preventDefault();
      apply();
    } else if (event.key === "Enter" && target.id === "keyed-q") {
      event.preventDefault();
      var list = document.getElementById("keyed-found");
      if (target.value && list.dataset.none === target.value) { list.dataset.none = ""; take({ control: target.value, last: "", first: "", filing: "", lines: [] }); } else { find(true); }
    } else if (event.key === "Enter" && target.tagName === "INPUT") {
      event.preventDefault();
      var at = place(target);
      if (at) {
        if (!focusOn(at.claim, at.line + 1, at.name)) { onward({ claim: at.claim, line: body.claims[at.claim].lines.length }); }
      } else if (target.dataset.h) {
        document.getElementById("keyed-q").focus();
      }
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && target.closest("#keyed-found")) {
      event.preventDefault();
      var item = target.closest("li");
      var next = event.key === "ArrowDown" ? item.nextElementSibling : item.previousElementSibling;
      if (next) { next.querySelector("button").focus(); }
    }
  });

  document.addEventListener("keydown", function (event) {
    if (event.key === "F9") { event.preventDefault(); form.requestSubmit(document.getElementById("keyed-done")); }
  });

  document.getElementById("keyed-apply").addEventListener("click", apply);
  form.addEventListener("submit", function (event) {
    if (!dirty && !sending) { return; }
    event.preventDefault();
    keep().then(function () { if (!dirty) { form.requestSubmit(document.getElementById("keyed-done")); } });
  });
  window.addEventListener("beforeunload", function (event) { if (dirty) { event.preventDefault(); } });
  document.addEventListener("visibilitychange", function () { if (document.visibilityState === "hidden") { keep(); } });

  fetch(form.dataset.codes, { credentials: "same-origin" }).then(function (answer) { return answer.json(); }).then(function (made) { labels = made.carc || {}; });
  draw();
  if (body.claims.length || body.header.trace) { dirty = true; keep(); }
})();
