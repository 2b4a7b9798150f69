// Opens cited paragraphs, copies with citation, and tells screen readers each answer once.
(() => {
  document.documentElement.lang = "en";
  const region = document.createElement("div");
  region.id = "announcement";
  region.className = "visually-hidden";
  region.setAttribute("role", "status");
  region.setAttribute("aria-live", "polite");

  const announce = (text) => {
    region.textContent = "";
    setTimeout(() => { region.textContent = text; }, 50);
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
    const copier = event.target.closest("[data-copy]");
    if (copier) {
      try {
        await navigator.clipboard.writeText(copier.dataset.copy);
        announce("Copied.");
        copier.firstChild.textContent = "Copied";
      } catch {
        announce("Your browser does not allow copying. Select the text instead.");
        copier.firstChild.textContent = "Copying is not allowed here";
      }
      setTimeout(() => { copier.firstChild.textContent = "Copy with citation"; }, 2500);
    }
  });

  let turns = 0;
  const update = () => {
    const all = document.querySelectorAll("#conversation .turn");
    if (all.length === turns) return;
    turns = all.length;
    const latest = document.querySelector("#conversation [data-latest]");
    if (!latest) return;
    const said = latest.querySelector("[data-announce]");
    if (said) announce(said.innerText);
    latest.scrollIntoView({ block: "start" });
  };

  const start = () => {
    document.body.append(region);
    new MutationObserver(update).observe(document.body, { childList: true, subtree: true });
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
