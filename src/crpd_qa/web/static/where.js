// Says in the summary of "Where to look" what is chosen there, also while it is closed.
(() => {
  const say = (where) => {
    const summary = where.querySelector("summary");
    const title = summary.dataset.title ??= summary.textContent;
    const selects = [...where.querySelectorAll("select")];
    const text = (select) => select.selectedOptions[0].textContent;
    const small = (words) => words[0].toLowerCase() + words.slice(1);
    const one = selects.some((select) => select.name === "document" && select.value);
    const chosen = selects.flatMap((select) => {
      if (select.name.startsWith("year")) return select.value ? [`${small(select.labels[0].textContent)} ${text(select)}`] : [];
      if (select.value) return [text(select)];
      return "said" in select.dataset && !one ? [small(text(select))] : [];
    });
    const any = selects.some((select) => select.value);
    const said = `${title}. ${summary.dataset.asking.replace("{what}", any ? chosen.join(", ") : summary.dataset.all)}`;
    if (summary.textContent !== said) summary.textContent = said;
  };
  const all = () => document.querySelectorAll("[data-where]").forEach(say);

  document.addEventListener("change", (event) => {
    const where = event.target.closest("[data-where]");
    if (where) say(where);
  });
  addEventListener("pageshow", all); // a page that one comes back to keeps what was chosen
  window.crpdQaWhere = { say: all };
})();
