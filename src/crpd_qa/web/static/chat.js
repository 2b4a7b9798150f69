// The chat: asks and shows answers, opens cited paragraphs, copies with citation, tells screen readers each answer once.
// What was asked and answered is kept here, in the page, and nowhere else.
(() => {
  const texts = document.currentScript.dataset;
  const EMPTY_AGAIN_MS = 1000; // Enter pressed twice is one question, however quick its answer

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

  const conversation = () => document.querySelector("[data-conversation]");
  const pending = (html) => { document.querySelector("[data-pending]").innerHTML = html; };
  const field = () => document.querySelector("#question textarea");
  const where = () => [...document.querySelectorAll("[data-where] select")].filter((select) => select.value);
  const type = (text) => {
    field().value = text;
    field().dispatchEvent(new Event("input", { bubbles: true }));
  };

  const note = (text) => {
    conversation().querySelector("[data-note]")?.remove();
    if (!text) return;
    const said = document.createElement("p");
    said.className = "note";
    said.dataset.note = "";
    said.textContent = text;
    conversation().append(said);
    announce(text);
  };

  const show = (html) => {
    const before = conversation().querySelector("[data-latest]");
    if (before) {
      delete before.dataset.latest;
      before.querySelectorAll("[data-feedback], [data-related], [data-everywhere]").forEach((part) => part.remove());
    }
    conversation().insertAdjacentHTML("beforeend", html);
    const latest = conversation().lastElementChild;
    announce(latest.querySelector("[data-announce]").innerText);
    const source = latest.querySelector(".sources details");
    if (source && matchMedia("(min-width: 62rem)").matches) source.open = true; // it stands beside the answer
    latest.scrollIntoView({ block: "start" });
  };

  // Server-Sent Events of a POST, which EventSource cannot do.
  async function* events(response) {
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const whole = (text + value).split("\n\n");
      text = whole.pop();
      for (const event of whole) {
        const [, name, data] = event.match(/^event: (\w+)\ndata: (.*)$/s);
        yield [name, JSON.parse(data)];
      }
    }
  }

  const why = (status) => ({ 413: texts.tooLong, 422: texts.unreadable, 429: texts.tooOften, 503: texts.busy })[status] ?? texts.failed;

  let earlier = []; // as the last answer said
  let turns = 0; // shown since the page was opened
  let asking = null; // what stops the request under way
  let settled = -Infinity;

  const answer = async (question, language, everywhere, signal) => {
    const form = new URLSearchParams({ question, language: language ?? "", turn: turns + 1 });
    // The question that is looked for everywhere is the last of the earlier ones: it is not its own follow-up.
    for (const before of everywhere ? earlier.slice(0, -1) : earlier) form.append("earlier", before);
    if (everywhere) form.append("everywhere", "1");
    for (const { name, value } of where()) form.append(name, value);
    const response = await fetch(`../ask?lang=${texts.language}`, {
      method: "POST", headers: { Accept: "text/event-stream" }, body: form, signal,
    });
    if (!response.ok) return why(response.status);
    for await (const [name, data] of events(response)) {
      if (signal.aborted) return "";
      if (name === "pending") pending(data.html);
      if (name === "problem") return why(data.status);
      if (name === "answer") {
        earlier = data.earlier;
        turns += 1;
        pending("");
        show(data.html);
        return "";
      }
    }
    return texts.failed;
  };

  const ask = async (question, language, everywhere = false) => {
    if (asking) return;
    if (!question?.trim()) {
      if (performance.now() - settled > EMPTY_AGAIN_MS) note(texts.empty);
      return;
    }
    const mine = asking = new AbortController();
    const typed = field().value === question;
    if (typed) type("");
    note("");
    let failure;
    try {
      failure = await answer(question, language, everywhere === true, mine.signal);
    } catch {
      failure = mine.signal.aborted ? "" : texts.offline;
    }
    if (asking !== mine) return; // it was stopped
    asking = null;
    settled = performance.now();
    if (!failure) return;
    pending("");
    note(failure);
    if (typed && !field().value) type(question);
  };

  const stop = () => {
    asking?.abort();
    asking = null;
    pending("");
  };

  window.crpdQa = {
    ask,
    cancel: () => {
      if (!asking) return;
      stop();
      note(texts.cancelled);
    },
    startAgain: () => {
      stop();
      earlier = [];
      conversation().replaceChildren();
      type("");
      field().focus();
      announce(texts.restarted);
    },
  };

  // A citation whose paragraph is open looks and sounds like it.
  document.addEventListener("toggle", ({ target }) => {
    document.querySelectorAll(`[data-opens="${target.id}"]`).forEach((opener) => opener.setAttribute("aria-expanded", target.open));
  }, true);

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
    const asker = event.target.closest("[data-ask]");
    if (asker) {
      field().focus();
      ask(asker.dataset.ask, "", "everywhere" in asker.dataset);
    }
    const judge = event.target.closest("[data-helpful]");
    if (judge) {
      const judged = judge.closest("[data-feedback]");
      const given = { helpful: judge.dataset.helpful === "true", remark: judged.querySelector("input").value };
      const sent = await fetch("../api/v1/feedback", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ ...JSON.parse(judged.dataset.feedback), ...given }),
      }).catch(() => null);
      const told = sent?.ok ? texts.thanks : texts.notKept;
      announce(told);
      if (sent?.ok) judged.replaceChildren(told);
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

  const languages = () => {
    // Gradio sets the page's to the browser's.
    if (document.documentElement.lang !== texts.language) document.documentElement.lang = texts.language;
    crpdQaWhere.say();
    // Gradio's buttons can't say in which language they are; where the page's can't be asked in, it is English.
    document.querySelectorAll("#examples button:not([lang])").forEach((button) => { button.lang = texts.examples; });
  };

  window.gradio_config.title = document.title; // Gradio's is one for all languages
  window.gradio_config.pages = []; // it would show a navigation of its own
  document.addEventListener("DOMContentLoaded", () => {
    document.body.append(region);
    const observer = new MutationObserver(languages);
    observer.observe(document.documentElement, { attributeFilter: ["lang"] });
    observer.observe(document.body, { childList: true, subtree: true });
  });
})();
