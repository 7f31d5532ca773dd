/* From an amount to the element it was read from: any button with data-seg and data-el marks that element in the raw
   segments of the page, brings it into view and says it; a click on an element marks the amounts it made. */
(function () {
  "use strict";
  var raw = document.getElementById("raw");
  if (!raw) { return; }

  function clear() {
    document.querySelectorAll(".lit, .lit-seg").forEach(function (one) { one.classList.remove("lit", "lit-seg"); });
  }

  function say(words) {
    var said = document.getElementById("said");
    if (said) { said.textContent = words; }
  }

  function show(button) {
    var segment = raw.querySelector('.seg[data-seg="' + Number(button.dataset.seg) + '"]');
    clear();
    button.classList.add("lit");
    if (!segment) { say("This segment is not among those shown."); return; }
    segment.classList.add("lit-seg");
    var element = segment.querySelector('[data-el="' + Number(button.dataset.el) + '"]');
    if (element && Number(button.dataset.el)) { element.classList.add("lit"); }
    var top = segment.offsetTop - raw.clientHeight / 2;
    raw.scrollTo({ top: Math.max(0, top), behavior: "auto" });
    say("Segment " + button.dataset.seg + ", element " + button.dataset.el + ": " + (element ? element.textContent : ""));
  }

  document.addEventListener("click", function (event) {
    var button = event.target.closest("button.src");
    if (button) { show(button); return; }
    if (event.target === raw) { raw.focus(); return; }
    var element = event.target.closest("#raw [data-el]");
    if (!element) { return; }
    var segment = element.closest(".seg");
    clear();
    segment.classList.add("lit-seg");
    element.classList.add("lit");
    var made = document.querySelectorAll('button.src[data-seg="' + segment.dataset.seg + '"][data-el="' + element.dataset.el + '"]');
    made.forEach(function (one) { one.classList.add("lit"); });
    if (made.length) { made[0].scrollIntoView({ block: "nearest" }); }
    say(made.length + " amounts on this page were read from segment " + segment.dataset.seg + ", element " + element.dataset.el);
  });

  var asked = /^#segment-(\d+)$/.exec(location.hash);
  var wanted = asked && raw.querySelector('.seg[data-seg="' + Number(asked[1]) + '"]');
  if (wanted) {
    wanted.classList.add("lit-seg");
    raw.scrollTo({ top: Math.max(0, wanted.offsetTop - raw.clientHeight / 2), behavior: "auto" });
    say("Segment " + asked[1] + " is marked.");
  }
})();
