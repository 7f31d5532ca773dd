// The schedule beside the form, as it is typed. Without this file the button shows the same.
"use strict";
(() => {
  const form = document.querySelector("[data-plan]");
  const place = document.getElementById("plan-schedule");
  if (!form || !place) return;
  let waiting = 0;
  let asked = 0;
  const show = async () => {
    const mine = ++asked;
    const answer = await fetch(form.dataset.plan, {
      method: "POST", body: new FormData(form), headers: { "X-Part": "yes" }, credentials: "same-origin",
    });
    if (mine !== asked || !answer.ok) return;
    const made = new DOMParser().parseFromString(await answer.text(), "text/html");
    place.replaceChildren(...made.body.childNodes);
  };
  form.addEventListener("input", (event) => {
    if (event.target.name === "reason") return;
    clearTimeout(waiting);
    waiting = setTimeout(show, 200);
  });
})();
