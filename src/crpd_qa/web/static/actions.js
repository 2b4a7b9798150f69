// What one does with answers in the chat: opens their paragraphs, copies, links, saves and prints them; see answer.js too.
(() => {
  const texts = document.currentScript.dataset;
  const TOLD_MS = 2500;

  const region = document.createElement("div");
  region.id = "announcement";
  region.className = "visually-hidden";
  region.setAttribute("role", "status");
  region.setAttribute("aria-live", "polite");

  let saying;
  let unsaid = [];
  // For screen readers. What comes at the same time is said together.
  const announce = (text) => {
    region.textContent = "";
    unsaid.push(text);
    clearTimeout(saying);
    saying = setTimeout(() => {
      region.textContent = unsaid.join(" ");
      unsaid = [];
    }, 50);
  };

  const open = (opener) => {
    const details = document.getElementById(opener.dataset.opens);
    if (!details) return;
    details.open = true;
    const summary = details.querySelector("summary");
    summary.focus();
    summary.scrollIntoView({ block: "nearest" });
  };

  const copy = async (button, text) => {
    let told = button.dataset.copied;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      told = texts.copyFailed;
    }
    announce(told);
    const label = button.dataset.label ??= button.textContent;
    button.textContent = told;
    setTimeout(() => { button.textContent = label; }, TOLD_MS);
  };

  const judge = async (button) => {
    const told = await crpdQaAnswer.judge(button, "../api/v1/feedback");
    if (told) announce(told);
  };

  const save = async (form) => {
    const body = new URLSearchParams({ form });
    for (const record of crpdQaKept.records) body.append("record", record);
    const response = await fetch(`../export?lang=${texts.language}`, { method: "POST", body }).catch(() => null);
    if (!response?.ok) return crpdQa.note(response ? await crpdQa.why(response) : texts.offline);
    const file = document.createElement("a");
    file.href = URL.createObjectURL(await response.blob());
    file.download = response.headers.get("Content-Disposition").match(/filename="(.+)"/)[1];
    file.click();
    setTimeout(() => URL.revokeObjectURL(file.href), 60_000);
  };

  const offer = () => crpdQaAnswer.offer(document);
  window.speechSynthesis?.addEventListener?.("voiceschanged", offer);

  // On paper nothing can be opened: all sources are. Of those that share a name only one would be.
  let opened = [];
  let named = [];
  addEventListener("beforeprint", () => {
    named = [...document.querySelectorAll("#conversation details[name]")].map((details) => [details, details.name]);
    named.forEach(([details]) => details.removeAttribute("name"));
    opened = [...document.querySelectorAll("#conversation details:not([open])")];
    opened.forEach((details) => { details.open = true; });
    const made = document.querySelector("[data-printed]");
    const date = new Intl.DateTimeFormat(texts.language, { dateStyle: "long" }).format();
    made.textContent = made.dataset.printed.replace("{date}", date);
  });
  addEventListener("afterprint", () => {
    opened.forEach((details) => { details.open = false; });
    named.forEach(([details, name]) => { details.name = name; });
  });

  document.addEventListener("click", (event) => {
    const at = (selector) => event.target.closest(selector);
    const opener = at("[data-opens]");
    if (opener) {
      event.preventDefault();
      open(opener);
    }
    const copier = at("[data-copy]");
    if (copier) copy(copier, copier.dataset.copy);
    const linker = at("[data-link]");
    if (linker) copy(linker, new URL(linker.dataset.link, location).href);
    const judging = at("[data-helpful]");
    if (judging) judge(judging);
    const speaker = at("[data-speak]");
    if (speaker) crpdQaAnswer.speak(speaker);
    const saver = at("[data-save]");
    if (saver) save(saver.dataset.save);
    if (at("[data-print]")) print();
  });

  document.addEventListener("DOMContentLoaded", () => document.body.append(region));
  window.crpdQaActions = { announce, offer };
})();
