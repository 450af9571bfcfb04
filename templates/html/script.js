// The page is whole without this. It adds buttons that sort tables, and the details of numbers on touch and by keyboard.
(() => {
  const added = (name, className) => {
    const element = document.createElement(name);
    element.className = className;
    return document.querySelector("main").appendChild(element);
  };
  const announcement = added("p", "hidden");
  announcement.setAttribute("role", "status");
  for (const hint of document.querySelectorAll(".scripted")) hint.hidden = false;

  // Contents: closed where they would fill a phone's first screen; the section that is read is marked.
  const contents = document.querySelector(".contents details");
  if (contents && matchMedia("(max-width:640px)").matches) contents.open = false;
  const links = new Map([...document.querySelectorAll(".contents a")].map((link) => [link.hash.slice(1), link]));
  const mark = () => {
    const read = [...document.querySelectorAll("main>section")].filter((one) => one.getBoundingClientRect().top < innerHeight / 3);
    for (const link of links.values()) link.removeAttribute("aria-current");
    links.get(read.at(-1)?.id)?.setAttribute("aria-current", "true");
  };
  document.addEventListener("scroll", mark, { passive: true });
  mark();

  // What a link or an address points at is unfolded; so is everything for print.
  const unfold = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    for (let fold = target?.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
    if (target?.closest("details")) target.scrollIntoView();
  };
  addEventListener("hashchange", unfold);
  unfold();
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll("details.fold:not([open])")];
    for (const fold of opened) fold.open = true;
  });
  addEventListener("afterprint", () => { for (const fold of opened) fold.open = false; });

  // Tables. A column of numbers is sorted by the values in full, and what is not measured stays last.
  const key = (row, column) => {
    const cell = row.cells[column], text = cell.textContent.trim(), number = cell.querySelector("data");
    if (!cell.classList.contains("right")) return text;
    return number ? Number(number.value) : Number.parseFloat(text.replaceAll(",", "").replace("−", "-"));
  };
  const compare = (a, b, sign) => {
    if (typeof a === "string") return sign * a.localeCompare(b, "en", { numeric: true });
    return Number.isNaN(a) || Number.isNaN(b) ? Number.isNaN(a) - Number.isNaN(b) : sign * (a - b);
  };
  for (const table of document.querySelectorAll("main table")) {
    const body = table.tBodies[0], original = [...body.rows], groups = [];
    for (const row of original) {
      const isTitle = row.classList.contains("group");
      if (isTitle || !groups.length) groups.push({ title: isTitle ? [row] : [], rows: [] });
      if (!isTitle) groups.at(-1).rows.push(row);
    }
    if (groups.every((group) => group.rows.length < 2)) continue;
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => {
      const title = head.textContent.trim(), button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      head.setAttribute("aria-sort", "none");
      button.addEventListener("click", () => {
        const order = { none: "ascending", ascending: "descending", descending: "none" }[head.getAttribute("aria-sort")];
        const sign = order === "ascending" ? 1 : -1, before = (a, b) => compare(key(a, column), key(b, column), sign);
        const sorted = groups.flatMap((group) => [...group.title, ...[...group.rows].sort(before)]);
        body.append(...(order === "none" ? original : sorted));
        for (const other of heads) other.setAttribute("aria-sort", other === head ? order : "none");
        announcement.textContent = order === "none" ? "Rows in their first order." : `Rows sorted by ${title}, ${order}.`;
      });
    });
  }

  // Numbers. Those of a table or of a section's prose are one stop of the Tab key; arrow keys go from one to the next.
  const detail = added("p", "detail"), home = (number) => number.closest(".wide, .narrow, figure, section"), homes = new Set();
  const numberAt = (event) => event.target.closest?.("data[data-detail]");
  let shown = null;
  const place = () => {
    if (!shown) return;
    const box = shown.getBoundingClientRect(), room = document.documentElement;
    const left = Math.min(box.left, room.clientWidth - detail.offsetWidth - 8), below = box.bottom + detail.offsetHeight;
    detail.style.left = `${Math.max(8, left)}px`;
    const gap = document.activeElement === shown ? 4 : 0, isBelow = below + gap < room.clientHeight;
    detail.style.top = `${isBelow ? box.bottom + gap : box.top - detail.offsetHeight - gap}px`;
  };
  // What a number is comes first; its formula and its rows only where it was chosen.
  const show = (number, isTold) => {
    shown = number;
    detail.hidden = !number;
    const text = number?.dataset.detail ?? "", at = text.search(/ \S+@\d+(:|\.)/), source = document.createElement("span");
    source.className = "source";
    source.textContent = at < 0 ? "" : text.slice(at);
    detail.replaceChildren(at < 0 ? text : text.slice(0, at), source);
    detail.classList.toggle("brief", at > 0 && !isTold);
    if (isTold && number) announcement.textContent = detail.textContent;
    place();
  };
  show(null);
  detail.setAttribute("aria-hidden", "true");
  for (const number of document.querySelectorAll("main data[title]")) {
    number.dataset.detail = number.title;
    number.removeAttribute("title");
    number.tabIndex = homes.has(home(number)) ? -1 : 0;
    homes.add(home(number));
  }
  document.addEventListener("pointerover", (event) => {
    if (event.pointerType === "mouse" && !detail.contains(event.target)) show(numberAt(event) ?? null);
  });
  document.addEventListener("click", (event) => show(numberAt(event) ?? null, true));
  document.addEventListener("focusin", (event) => show(numberAt(event) ?? null, true));
  document.addEventListener("scroll", place, { capture: true, passive: true });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") show(null);
    const number = numberAt(event), step = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
    if (!number || !step || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const column = /Up|Down/.test(event.key) ? number.closest("td")?.cellIndex : undefined;
    const others = [...home(number).querySelectorAll("data[data-detail]")].filter((other) =>
      home(other) === home(number) && (column === undefined || other.closest("td")?.cellIndex === column));
    const next = others[others.indexOf(number) + step];
    if (!next) return;
    event.preventDefault();
    [number.tabIndex, next.tabIndex] = [-1, 0];
    next.focus();
  });
})();
