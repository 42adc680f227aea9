"use strict";
(() => {
  const root = document.documentElement;
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const one = (id) => document.getElementById(id);
  const form = one("filter");
  const text = one("text");
  const boxes = all("input[name=verdict]", form);
  const usual = boxes.map((box) => box.checked);
  const clauses = all(".clause");
  const words = new Map(clauses.map((clause) => [clause, clause.textContent.toLowerCase()]));

  function apply() {
    const verdicts = new Set(boxes.filter((box) => box.checked).map((box) => box.value));
    const wanted = text.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const clause of clauses) {
      const fits = verdicts.has(clause.dataset.verdict) && wanted.every((word) => words.get(clause).includes(word));
      clause.hidden = !fits;
      shown += fits;
    }
    for (const area of all("section.clauses")) {
      area.hidden = !area.querySelector(".clause:not([hidden])");
    }
    one("shown").textContent = `${shown} of ${clauses.length} clauses shown`;
    one("none").hidden = shown > 0;
  }

  function clear() {
    text.value = "";
    for (const box of boxes) {
      box.checked = true;
    }
    apply();
  }

  function follow() {
    let id = "";
    try {
      id = decodeURIComponent(location.hash.slice(1));
    } catch {
      return;
    }
    const place = id && one(id);
    if (!place) {
      return;
    }
    if (place.matches(".clause, .clauses")) {
      if (place.hidden) {
        clear();
      }
      if (place.matches(".clause")) {
        place.open = true;
      }
      place.scrollIntoView();
    }
  }

  form.hidden = false;
  form.addEventListener("input", apply);
  form.addEventListener("submit", (event) => event.preventDefault());
  one("clear").addEventListener("click", () => {
    clear();
    text.focus();
  });
  document.addEventListener("keydown", (event) => {
    const writing = event.target.matches("input[type=search]");
    if (event.key === "/" && !writing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      text.focus();
    } else if (event.key === "Escape" && writing) {
      text.value = "";
      apply();
    }
  });

  const unfold = one("unfold");
  unfold.addEventListener("click", () => {
    const open = unfold.getAttribute("aria-pressed") !== "true";
    for (const clause of clauses) {
      clause.open = open;
    }
    unfold.setAttribute("aria-pressed", String(open));
    unfold.textContent = open ? "Fold all" : "Unfold all";
  });

  const theme = one("theme");
  const system = matchMedia("(prefers-color-scheme: dark)");
  function remembered() {
    try {
      return localStorage.getItem("vecpact-theme");
    } catch {
      return null;
    }
  }
  function isDark() {
    return (root.dataset.theme || (system.matches ? "dark" : "light")) === "dark";
  }
  function paint() {
    theme.setAttribute("aria-pressed", String(isDark()));
    theme.textContent = isDark() ? "Light" : "Dark";
  }
  if (["dark", "light"].includes(remembered())) {
    root.dataset.theme = remembered();
  }
  theme.hidden = false;
  theme.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    try {
      localStorage.setItem("vecpact-theme", root.dataset.theme);
    } catch {
      // Without a memory the choice holds until the page is closed.
    }
    paint();
  });
  system.addEventListener("change", paint);
  paint();

  for (const button of all("button.copy")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      const quoted = button.previousElementSibling;
      let copied = true;
      try {
        await navigator.clipboard.writeText(quoted.textContent);
      } catch {
        copied = false;
        getSelection().selectAllChildren(quoted);
      }
      button.textContent = copied ? "Copied" : "Selected";
      setTimeout(() => (button.textContent = "Copy"), 1500);
    });
  }

  let folded = [];
  addEventListener("beforeprint", () => {
    folded = clauses.filter((clause) => !clause.open && clause.querySelector("pre"));
    for (const clause of folded) {
      clause.open = true;
    }
  });
  addEventListener("afterprint", () => {
    for (const clause of folded) {
      clause.open = false;
    }
  });

  addEventListener("hashchange", follow);
  apply();
  follow();
})();
