/* The bar of screens never wraps: what finds no room moves under More, last first; the screen one is on stays.
   Without script the bar can be scrolled. */
(function () {
  "use strict";
  var screens = document.querySelector("[data-screens]");
  var bar = screens && screens.querySelector(".screens-bar");
  var more = screens && screens.querySelector("[data-more]");
  if (!bar || !more) { return; }
  var spilled = more.querySelector("[data-spilled]");
  var copies = Array.prototype.slice.call(spilled.querySelectorAll("[data-spill]"));
  var links = Array.prototype.slice.call(bar.querySelectorAll("a"));
  var always = !more.hidden;

  function full() { return bar.scrollWidth > bar.clientWidth + 1; }

  function fit() {
    links.forEach(function (link, at) { link.hidden = false; copies[at].hidden = true; });
    more.hidden = !always;
    if (full()) { more.hidden = false; }
    for (var at = links.length - 1; at >= 0 && full(); at -= 1) {
      if (links[at].getAttribute("aria-current") !== "page") {
        links[at].hidden = true;
        copies[at].hidden = false;
      }
    }
    spilled.hidden = copies.every(function (copy) { return copy.hidden; });
  }

  fit();
  window.addEventListener("resize", fit);
  if (document.fonts && document.fonts.ready) { document.fonts.ready.then(fit); }
})();
