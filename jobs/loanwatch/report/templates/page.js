"use strict";
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const one = (selector) => document.querySelector(selector);
const text = (node) => node.textContent.trim().replace(/\s+/g, " ");

// A spreadsheet must not take a cell for a formula.
const csvCell = (value) => '"' + value.replace(/^(?=[=+\-@＝＋－＠\t\r])/, "'").replaceAll('"', '""') + '"';

const days = Math.floor((Date.now() - Date.parse(document.body.dataset.asOf)) / 864e5);
if (days > 3) Object.assign(one("#age"), { hidden: false, textContent: one("#age").dataset.text.replace("#", days) });

if (one("#list")) {
  const table = one("#list"), heads = all("th", table), bodies = all("tbody", table), boxes = all(".chip input");
  const show = (body, open) => {
    body.classList.toggle("open", open);
    body.querySelector(".more").setAttribute("aria-expanded", open);
  };
  const filter = () => {
    const wanted = {}, typed = one("#text").value.trim().toLowerCase();
    for (const box of boxes) if (box.checked) (wanted[box.name] ??= []).push(box.value);
    for (const body of bodies)
      body.hidden = Object.keys(wanted).some((name) => !wanted[name].includes(body.dataset[name]))
        || !text(body).toLowerCase().includes(typed);
    const shown = bodies.filter((body) => !body.hidden).length.toLocaleString("en");
    one("#shown").textContent = one("#shown").dataset.text.replace("#", shown);
  };
  const sort = (head) => {
    const column = heads.indexOf(head), was = head.getAttribute("aria-sort");
    const up = was ? was === "descending" : !head.classList.contains("worst");
    const key = (body) => body.rows[0].cells[column].dataset.sort ?? text(body.rows[0].cells[column]);
    const compare = ([a], [b]) => a === "" || b === "" ? (a === "") - (b === "")  // the unknown come last
      : (isNaN(a) || isNaN(b) ? a.localeCompare(b) : a - b) * (up ? 1 : -1);
    heads.forEach((other) => other.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", up ? "ascending" : "descending");
    table.append(...bodies.map((body) => [key(body), body]).sort(compare).map(([, body]) => body));
  };
  const cells = (body) => [  // the last column sums up what the details say in full
    ...[...body.rows[0].cells].slice(0, -1).map((cell, i) => heads[i].classList.contains("money") && cell.dataset.sort || text(cell)),
    ...all("dd", body).map((dd) => all("li", dd).map(text).join("; ") || text(dd)),
  ];
  const save = () => {
    const titles = [...heads.slice(0, -1), ...all("dt", bodies[0])].map(text);
    const lines = [titles, ...all("tbody:not([hidden])", table).map(cells)].map((line) => line.map(csvCell).join(","));
    const file = URL.createObjectURL(new Blob(["\ufeff" + lines.join("\r\n") + "\r\n"], { type: "text/csv" }));
    Object.assign(document.createElement("a"), { href: file, download: one("#save").dataset.file }).click();
  };
  const jump = () => {
    const body = location.hash.startsWith("#row-") && document.getElementById(location.hash.slice(1));
    if (body) { body.hidden = false; show(body, true); body.scrollIntoView({ block: "center" }); }
  };
  one("#tools").addEventListener("input", filter);
  one("#tools").addEventListener("submit", (event) => event.preventDefault());
  one("#save").addEventListener("click", save);
  one("#open").addEventListener("click", () => {
    const open = bodies.some((body) => !body.hidden && !body.classList.contains("open"));
    bodies.forEach((body) => show(body, open && !body.hidden));
  });
  table.addEventListener("click", (event) => {
    const button = event.target.closest("button"), head = event.target.closest("th"), body = event.target.closest("tbody");
    if (button && head) sort(head); else if (button) show(body, !body.classList.contains("open"));
  });
  addEventListener("hashchange", jump);
  jump();
}
