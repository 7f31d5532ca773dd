/* Taking files in: chosen or dropped, sent one by one with the bytes that have gone, then a line for each that asks
   by itself how far the posting is. Without script the form sends them all at once. */
(function () {
  "use strict";
  var form = document.querySelector("[data-take]");
  if (!form) { return; }
  var input = form.querySelector("input[type=file]");
  var list = document.getElementById("taken");
  var most = Number(form.dataset.most);
  var waiting = [];
  var sending = false;

  function size(bytes) {
    return bytes < 1024 ? bytes + " B" : bytes < 1048576 ? Math.round(bytes / 1024) + " KB" : (bytes / 1048576).toFixed(1) + " MB";
  }

  function line(name) {
    var item = document.createElement("li");
    item.className = "taken-line";
    var state = document.createElement("span");
    state.className = "chip chip-info";
    state.textContent = "sending";
    var title = document.createElement("strong");
    title.textContent = name;
    var bar = document.createElement("progress");
    bar.max = 100;
    bar.value = 0;
    bar.setAttribute("aria-label", "Sending " + name);
    var said = document.createElement("span");
    said.className = "soft";
    item.append(state, " ", title, " ", bar, " ", said);
    list.prepend(item);
    return { item: item, state: state, bar: bar, said: said };
  }

  function refused(one, words) {
    one.state.className = "chip chip-bad";
    one.state.textContent = "refused";
    one.bar.remove();
    one.said.className = "";
    one.said.textContent = words;
  }

  function answer(one, request) {
    if (request.status === 200) {
      var holder = new DOMParser().parseFromString(request.responseText, "text/html");
      var made = Array.prototype.slice.call(holder.body.children);
      one.item.replaceWith.apply(one.item, made);
      made.forEach(function (item) { window.htmx.process(item); });
    } else if (request.status === 401) {
      location.assign("/sign-in?next=" + encodeURIComponent(location.pathname));
    } else if (request.status === 413) {
      refused(one, "Larger than the " + size(most) + " this house takes.");
    } else {
      refused(one, "It did not get through (" + (request.status || "no connection") + "). Nothing was kept; send it again.");
    }
  }

  function next() {
    var file = waiting.shift();
    if (!file) { sending = false; return; }
    sending = true;
    var one = line(file.name);
    if (file.size > most) { refused(one, "It is " + size(file.size) + "; this house takes " + size(most) + "."); next(); return; }
    var body = new FormData();
    body.append("csrf_token", form.querySelector("[name=csrf_token]").value);
    var look = form.querySelector("[name=look_first]");
    if (look && look.checked) { body.append("look_first", "1"); }
    body.append("file", file, file.name);
    var request = new XMLHttpRequest();
    request.open("POST", form.action);
    request.setRequestHeader("HX-Request", "true");
    request.upload.addEventListener("progress", function (event) {
      if (!event.lengthComputable) { return; }
      one.bar.value = 100 * event.loaded / event.total;
      one.said.textContent = size(event.loaded) + " of " + size(event.total) + " sent";
    });
    request.addEventListener("loadend", function () { answer(one, request); next(); });
    request.send(body);
  }

  function take(files) {
    Array.prototype.push.apply(waiting, Array.prototype.slice.call(files));
    if (!sending) { next(); }
  }

  input.addEventListener("change", function () { take(input.files); input.value = ""; });
  ["dragenter", "dragover"].forEach(function (name) {
    document.addEventListener(name, function (event) {
      if (event.dataTransfer && Array.prototype.indexOf.call(event.dataTransfer.types, "Files") >= 0) {
        event.preventDefault();
        form.classList.add("over");
      }
    });
  });
  document.addEventListener("dragleave", function (event) { if (!event.relatedTarget) { form.classList.remove("over"); } });
  document.addEventListener("drop", function (event) {
    if (!event.dataTransfer || !event.dataTransfer.files.length) { return; }
    event.preventDefault();
    form.classList.remove("over");
    take(event.dataTransfer.files);
  });
})();
