// What one does with answers: open their paragraphs, copy, link, hear, save and print them, say whether they helped.
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
    const judged = button.closest("[data-feedback]");
    const given = { helpful: button.dataset.helpful === "true", remark: judged.querySelector("input").value };
    const sent = await fetch("../api/v1/feedback", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ ...JSON.parse(judged.dataset.feedback), ...given }),
    }).catch(() => null);
    const told = sent?.ok ? texts.thanks : texts.notKept;
    announce(told);
    if (sent?.ok) judged.replaceChildren(told);
  };

  const save = async (form) => {
    const body = new URLSearchParams({ form });
    for (const record of crpdQaKept.records) body.append("record", record);
    const response = await fetch(`../export?lang=${texts.language}`, { method: "POST", body }).catch(() => null);
    if (!response?.ok) return crpdQa.note(response ? crpdQa.why(response.status) : texts.offline);
    const file = document.createElement("a");
    file.href = URL.createObjectURL(await response.blob());
    file.download = response.headers.get("Content-Disposition").match(/filename="(.+)"/)[1];
    file.click();
    setTimeout(() => URL.revokeObjectURL(file.href), 60_000);
  };

  // Reading aloud is the browser's own. Its voices come when they come, and where a language has none it is not offered.
  // Voices that are no service of the machine's own send the text to their makers.
  const speech = window.speechSynthesis;
  const said = (button) => JSON.parse(button.dataset.speak);
  const voice = (language) => speech.getVoices()
    .find(({ lang, localService }) => localService && lang.toLowerCase().split(/[-_]/)[0] === language);
  let reader = null; // the button of what is being read

  const offer = () => {
    if (!speech) return;
    document.querySelectorAll("[data-speak]").forEach((button) => {
      button.hidden = !said(button).every(([language]) => voice(language));
    });
  };

  const silence = () => {
    if (!reader) return;
    reader.textContent = reader.dataset.label;
    reader = null;
    speech.cancel();
  };

  const speak = (button) => {
    const stopping = reader === button;
    silence();
    if (stopping) return;
    reader = button;
    button.dataset.label ??= button.textContent;
    button.textContent = button.dataset.stop;
    const utterances = said(button).map(([language, text]) => {
      const utterance = new SpeechSynthesisUtterance(text);
      utterance.voice = voice(language);
      utterance.lang = utterance.voice.lang;
      utterance.onerror = () => { if (reader === button) silence(); };
      return utterance;
    });
    utterances.at(-1).onend = () => { if (reader === button) silence(); };
    utterances.forEach((utterance) => speech.speak(utterance));
  };

  speech?.addEventListener?.("voiceschanged", offer);
  addEventListener("pagehide", silence); // it would go on on the next page

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
    if (speaker) speak(speaker);
    const saver = at("[data-save]");
    if (saver) save(saver.dataset.save);
    if (at("[data-print]")) print();
  });

  document.addEventListener("DOMContentLoaded", () => document.body.append(region));
  window.crpdQaActions = { announce, offer, silence };
})();
