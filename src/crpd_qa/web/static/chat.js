// Opens cited paragraphs, copies with citation, and tells screen readers each answer once.
(() => {
  const texts = document.currentScript.dataset;
  document.documentElement.lang = texts.language;
  const region = document.createElement("div");
  region.id = "announcement";
  region.className = "visually-hidden";
  region.setAttribute("role", "status");
  region.setAttribute("aria-live", "polite");

  let saying;
  const announce = (text) => {
    region.textContent = "";
    clearTimeout(saying);
    saying = setTimeout(() => { region.textContent = text; }, 50);
  };

  document.addEventListener("click", async (event) => {
    const opener = event.target.closest("[data-opens]");
    if (opener) {
      event.preventDefault();
      const details = document.getElementById(opener.dataset.opens);
      if (details) {
        details.open = true;
        const summary = details.querySelector("summary");
        summary.focus();
        summary.scrollIntoView({ block: "nearest" });
      }
    }
    if (event.target.closest("#again")) {
      document.querySelector("#question textarea").focus();
      announce(texts.restarted);
    }
    const asker = event.target.closest("[data-ask]");
    if (asker) {
      const field = document.querySelector("#question textarea");
      field.value = asker.dataset.ask;
      field.dispatchEvent(new Event("input", { bubbles: true }));
      field.focus();
      setTimeout(() => document.querySelector("#ask").click(), 50);
    }
    const judge = event.target.closest("[data-helpful]");
    if (judge) {
      const field = judge.closest("[data-feedback]");
      const given = { helpful: judge.dataset.helpful === "true", remark: field.querySelector("input").value };
      const sent = await fetch("/api/v1/feedback", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ ...JSON.parse(field.dataset.feedback), ...given }),
      }).catch(() => null);
      const told = sent?.ok ? texts.thanks : texts.notKept;
      announce(told);
      if (sent?.ok) field.replaceChildren(told);
    }
    const copier = event.target.closest("[data-copy]");
    if (copier) {
      let told = texts.copied;
      try {
        await navigator.clipboard.writeText(copier.dataset.copy);
      } catch {
        told = texts.copyFailed;
      }
      announce(told);
      const label = copier.dataset.label ??= copier.textContent;
      copier.textContent = told;
      setTimeout(() => { copier.textContent = label; }, 2500);
    }
  });

  let turns = 0;
  let note = null;
  const update = () => {
    const said = document.querySelector("#conversation [data-note]");
    if (said !== note) {
      note = said;
      if (note) announce(note.textContent);
    }
    // Gradio's buttons can't say in which language they are; where the page's can't be asked in, it is English.
    document.querySelectorAll("#examples button:not([lang])").forEach((button) => { button.lang = texts.examples; });
    // Gradio's messages are a button around a button; the outer one only folds them.
    document.querySelectorAll(".toast-header[role]").forEach((header) => {
      header.parentElement.lang = "en";
      header.removeAttribute("role");
      header.removeAttribute("tabindex");
    });
    const all = document.querySelectorAll("#conversation .turn");
    if (all.length === turns) return;
    turns = all.length;
    const latest = document.querySelector("#conversation [data-latest]");
    if (!latest) return;
    const answer = latest.querySelector("[data-announce]");
    if (answer) announce(answer.innerText);
    latest.scrollIntoView({ block: "start" });
  };

  const start = () => {
    document.body.append(region);
    new MutationObserver(update).observe(document.body, { childList: true, subtree: true });
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
