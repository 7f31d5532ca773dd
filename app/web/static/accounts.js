/* The account page: a call is wrapped up by the key of its result and Enter; a payment shows what it pays (F8) before
   it is saved (F9); no form is sent twice. */
(function () {
  "use strict";

  document.querySelectorAll("form[data-once]").forEach(function (form) {
    form.addEventListener("submit", function (event) {
      if (form.dataset.sent) { event.preventDefault(); return; }
      form.dataset.sent = "yes";
    });
  });
  // A page that comes back from the browser's memory may be sent again: its key says whether it was.
  window.addEventListener("pageshow", function () {
    document.querySelectorAll("form[data-once]").forEach(function (form) { delete form.dataset.sent; });
  });

  var wrap = document.querySelector("details[data-callwrap]");
  function asked() {
    var chosen = wrap.querySelector("input[name=result]:checked");
    var asks = chosen ? chosen.dataset.asks : "";
    var first = null;
    wrap.querySelectorAll("[data-for]").forEach(function (part) {
      var shown = asks !== "" && part.dataset.for.split(" ").indexOf(asks) >= 0;
      part.hidden = !shown;
      part.querySelectorAll("input, select").forEach(function (field) { field.disabled = !shown; });
      if (shown && !first) { first = part.querySelector("input, select"); }
    });
    return asks === "note" ? wrap.querySelector("textarea") : first;
  }
  if (wrap) {
    asked();
    wrap.addEventListener("toggle", function () {
      // It comes a moment after the opening: whoever has chosen a result by then stays where they type.
      var chosen = wrap.querySelector("input[name=result]");
      if (wrap.open && chosen && !wrap.querySelector("input:focus, select:focus, textarea:focus")) { chosen.focus(); }
    });
    wrap.addEventListener("change", function (event) {
      if (event.target.name === "result") { asked(); }
    });
    document.addEventListener("keydown", function (event) {
      if (!wrap.open || event.ctrlKey || event.metaKey || event.altKey) { return; }
      var target = event.target;
      if (/^(TEXTAREA|SELECT)$/.test(target.tagName) || (target.tagName === "INPUT" && target.type === "text")) { return; }
      var choice = /^[1-9a-z]$/.test(event.key) ? wrap.querySelector("[data-digit='" + event.key + "']") : null;
      if (choice) {
        choice.checked = true;
        var next = asked();
        (next || choice).focus();
        event.preventDefault();
        event.stopImmediatePropagation();
      } else if (event.key === "Enter" && wrap.querySelector("input[name=result]:checked")) {
        event.preventDefault();
        event.stopImmediatePropagation();
        wrap.querySelector("form").requestSubmit();
      }
    }, true);
  }

  // Until when they may be called: the clock runs on the page, and says so when it is over.
  document.querySelectorAll("[data-ends]").forEach(function (place) {
    var ends = Date.parse(place.dataset.ends);
    var tick = function () {
      var left = Math.floor((ends - Date.now()) / 60000);
      place.textContent = left < 0 ? "It is over: do not call." : left < 60 ? left + " min left" :
        Math.floor(left / 60) + " h " + (left % 60) + " min left";
      place.className = left < 0 ? "late" : left < 30 ? "soon" : "soft";
    };
    tick();
    setInterval(tick, 15000);
  });

  var pay = document.querySelector("details[data-pay]");
  if (pay) {
    var form = pay.querySelector("form");
    var place = pay.querySelector("[data-preview]");
    var timer = 0;
    var show = function () {
      clearTimeout(timer);
      fetch(place.dataset.preview, { method: "POST", body: new FormData(form), credentials: "same-origin" })
        .then(function (answer) { return answer.text(); })
        .then(function (text) {
          var made = new DOMParser().parseFromString(text, "text/html");
          place.replaceChildren.apply(place, Array.from(made.body.childNodes));
        });
    };
    var tender = form.querySelector("[name=tender]");
    var card = form.querySelector("[data-card]");
    var asks = function () {
      card.hidden = tender.value !== "card:new";
      card.querySelectorAll("input").forEach(function (field) { field.disabled = card.hidden; });
    };
    tender.addEventListener("change", asks);
    asks();
    pay.addEventListener("toggle", function () { if (pay.open) { show(); } });
    form.addEventListener("input", function () { clearTimeout(timer); timer = setTimeout(show, 300); });
    pay.querySelector("[data-f8]").addEventListener("click", show);
    document.addEventListener("keydown", function (event) {
      if (!pay.open || (event.key !== "F8" && event.key !== "F9")) { return; }
      event.preventDefault();
      if (event.key === "F8") { show(); } else { form.requestSubmit(); }
    });
  }
})();
