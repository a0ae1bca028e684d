// Suggestions under the search boxes. Without this script a box is a form that leads to the search page; with it, it is
// a combobox as the ARIA practices describe it: the focus stays in the box, the arrows move through a list of options.
(() => {
  const from = document.currentScript.dataset.from;
  const answers = new Map();
  const WAIT = 150;

  const element = (name, attributes, ...inside) => {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...inside);
    return made;
  };

  const ask = async (words, signal) => {
    if (!answers.has(words)) {
      const response = await fetch(`${from}&q=${encodeURIComponent(words)}`, { signal });
      if (!response.ok) throw new Error(response.statusText);
      answers.set(words, await response.json());
    }
    return answers.get(words);
  };

  const enhance = (box, number) => {
    const id = `suggested-${number}`;
    const list = element("ul", { id, role: "listbox", class: "suggested", "aria-label": "Suggestions", hidden: "" });
    const told = element("span", { class: "hide", role: "status" });
    const form = box.form;
    const all = () => `${form.getAttribute("action")}?q=${encodeURIComponent(box.value.trim())}`;
    let options = [], at = -1, timer, request;

    box.after(list);
    form.append(told);
    box.parentElement.classList.add("combo");
    for (const [key, value] of Object.entries({
      role: "combobox", autocomplete: "off", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": id,
    })) box.setAttribute(key, value);

    const choose = (n) => {
      options[at]?.setAttribute("aria-selected", "false");
      at = n;
      options[at]?.setAttribute("aria-selected", "true");
      options[at]?.scrollIntoView({ block: "nearest" });
      if (at < 0) box.removeAttribute("aria-activedescendant");
      else box.setAttribute("aria-activedescendant", options[at].id);
    };
    const close = () => {
      clearTimeout(timer);
      request?.abort();
      choose(-1);
      list.hidden = true;
      box.setAttribute("aria-expanded", "false");
    };
    const show = (answer) => {
      choose(-1);
      const rows = answer.results.map((r) => [r.address, r.label, r.in === "name" ? `${r.what}, “${r.matched}”` : r.what]);
      if (answer.total) rows.push([all(), answer.total === 1 ? "The one result" : `All ${answer.total} results`, ""]);
      options = rows.map(([address, label, what], n) => {
        const option = element("li", { id: `${id}-${n}`, role: "option", "aria-selected": "false" }, label);
        if (what) option.append(" ", element("span", { class: "kind" }, what));
        option.dataset.address = address;
        return option;
      });
      list.replaceChildren(...options);
      list.hidden = !options.length;
      box.setAttribute("aria-expanded", String(options.length > 0));
      told.textContent = options.length ? `${answer.results.length} suggestions` : "No suggestions";
    };
    const look = async () => {
      const words = box.value.trim();
      request?.abort();
      if (words.length < 2) return close();
      request = new AbortController();
      try {
        const answer = await ask(words, request.signal);
        if (words === box.value.trim() && document.activeElement === box) show(answer);
      } catch {
        // no suggestions then: the form does its work without them
      }
    };

    box.addEventListener("input", (event) => {
      clearTimeout(timer);
      if (!event.isComposing) timer = setTimeout(look, WAIT);
    });
    box.addEventListener("keydown", (event) => {
      if (event.isComposing) return;
      const isOpen = !list.hidden;
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        if (!isOpen) return look();
        const step = event.key === "ArrowDown" ? 1 : -1;
        const n = at + step;
        choose(n >= options.length ? -1 : n < -1 ? options.length - 1 : n);
      } else if (event.key === "Escape" && isOpen) {
        event.preventDefault(); // the first Escape closes the list, the second is the box's own
        close();
      } else if (event.key === "Enter" && at >= 0) {
        event.preventDefault();
        location.assign(options[at].dataset.address);
      } else if (event.key === "Tab") close();
    });
    box.addEventListener("blur", close);
    form.addEventListener("submit", close);
    list.addEventListener("pointerdown", (event) => event.preventDefault());
    list.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) location.assign(option.dataset.address);
    });
  };

  document.querySelectorAll("form[role=search] input[name=q]").forEach(enhance);
})();
