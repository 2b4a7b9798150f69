// The chat: asks and shows answers, waits for a lost connection, shows again what the tab has kept, begins anew.
// What was asked and answered is in the page and in its tab (see kept.js), and nowhere else.
(() => {
  const texts = document.currentScript.dataset;
  const EMPTY_AGAIN_MS = 1000; // Enter pressed twice is one question, however quick its answer
  const FIRST_WAIT_MS = 1000; // for a lost connection, then twice as long each time
  const LONGEST_WAIT_MS = 20_000;
  const MOST_BROKEN = 3; // answers that begin to come and break off, before it is the server's fault

  const FILTER = texts.filter.split(" "); // fields that a link may hold: it may come from anywhere

  const kept = crpdQaKept;
  const { announce } = crpdQaActions;

  // The browser would go back to its place before the conversation is there.
  history.scrollRestoration = "manual";

  const conversation = () => document.querySelector("[data-conversation]");
  const turnsShown = () => [...conversation().querySelectorAll(".turn")];
  const pending = (html) => { document.querySelector("[data-pending]").innerHTML = html; };
  const field = () => document.querySelector("#question textarea");
  const lists = () => [...document.querySelectorAll("[data-where] select")];
  const spoken = () => document.querySelector("#languages select");
  const type = (text) => {
    field().value = text;
    field().dispatchEvent(new Event("input", { bubbles: true }));
  };

  // Above the field, which stays in reach: it is seen wherever one reads.
  const note = (text, label, action) => {
    const notes = document.querySelector("[data-notes]");
    notes.replaceChildren();
    if (!text) return;
    const said = document.createElement("p");
    said.className = "note notice";
    said.dataset.note = "";
    said.textContent = text;
    if (label) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "quiet";
      button.textContent = label;
      button.addEventListener("click", action);
      said.append(" ", button);
    }
    notes.append(said);
    said.scrollIntoView({ block: "nearest" }); // in a low window it does not stay
    announce(text);
  };

  let toldNoRoom = false;
  const keep = () => {
    if (!kept.keep() && kept.records.length && !toldNoRoom) {
      toldNoRoom = true;
      note(texts.noRoom);
    }
    const offer = document.querySelector("[data-keep]");
    if (offer) offer.hidden = !kept.records.length; // Gradio may not have put it there yet
  };

  // Related questions, feedback and other ways to ask the same are the last answer's.
  const settle = () => {
    [...conversation().querySelectorAll("[data-latest]")].slice(0, -1).forEach((before) => {
      delete before.dataset.latest;
      before.querySelectorAll("[data-feedback], [data-related], [data-everywhere], [data-alone]").forEach((part) => part.remove());
    });
    crpdQaActions.offer();
  };

  const openBeside = (latest) => {
    const source = latest.querySelector(".sources details");
    if (source && matchMedia("(min-width: 62rem)").matches) source.open = true; // it stands beside the answer
  };

  const show = (html) => {
    conversation().insertAdjacentHTML("beforeend", html);
    settle();
    const latest = conversation().lastElementChild;
    announce([...latest.querySelectorAll("[data-announce]")].map((part) => part.innerText).join("\n"));
    openBeside(latest);
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

  class Lost extends Error {} // there is no connection; or, as its message says, the server has no time
  const AWAY = [502, 504]; // a proxy's words for a server that is starting again
  // Why the server refuses, in its words; a proxy before it has none for people.
  const why = async (response) => String((await response.json().catch(() => null))?.detail ?? texts.failed);

  let turns = 0; // shown since the page was opened
  let asking = null; // what stops the request under way, and its question
  let waiting = false; // for a connection
  let settled = -Infinity;
  let restoring = new AbortController();

  // Raises Lost where there is no connection to the server.
  const post = async (address, options) => {
    const response = await fetch(`../${address}?lang=${texts.language}`, { method: "POST", ...options }).catch(() => null);
    if (!response || AWAY.includes(response.status)) throw new Lost();
    return response;
  };

  // Returns "" or why there is no answer. Raises Lost, or what the connection raises when it breaks.
  const answer = async ({ question, language, everywhere, fields, earlier }, signal) => {
    const form = new URLSearchParams(fields);
    form.set("question", question);
    form.set("language", language ?? "");
    form.set("turn", turns + 1);
    for (const before of earlier) form.append("earlier", before);
    if (everywhere) form.set("everywhere", "1");
    const response = await post("ask", { headers: { Accept: "text/event-stream" }, body: form, signal });
    if (!response.ok) return why(response);
    for await (const [name, data] of events(response)) {
      if (signal.aborted) return "";
      if (name === "pending") pending(data.html);
      if (name === "problem") return data.detail;
      if (name === "answer") {
        turns += 1;
        kept.earlier = data.earlier;
        kept.records.push(data.record);
        pending("");
        note("");
        show(data.html);
        if (waiting && field().value === question) type("");
        kept.draft = field().value;
        keep();
        return "";
      }
    }
    throw new Error("The answer broke off.");
  };

  // Until the browser says that there is a connection, or so long.
  const pause = (ms, signal) => new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    for (const [target, name] of [[window, "online"], [signal, "abort"]]) {
      target.addEventListener(name, () => { clearTimeout(timer); resolve(); }, { once: true });
    }
  });

  // Calls until it succeeds or the signal says to stop; `lost` is told each time that the connection is not there.
  const insist = async (call, lost, signal) => {
    for (let wait = FIRST_WAIT_MS, broken = 0; ; wait = Math.min(2 * wait, LONGEST_WAIT_MS)) {
      const once = new AbortController();
      const end = () => once.abort();
      const listening = new AbortController();
      signal.addEventListener("abort", end, { signal: listening.signal });
      addEventListener("offline", end, { signal: listening.signal });
      let error;
      try {
        return await call(once.signal);
      } catch (raised) {
        error = raised;
        if (signal.aborted) return "";
        if (!(error instanceof Lost) && navigator.onLine && ++broken === MOST_BROKEN) return texts.failed;
      } finally {
        listening.abort();
      }
      lost(error);
      await pause(wait, signal);
      if (signal.aborted) return "";
    }
  };

  const stop = () => {
    asking?.abort();
    asking = null;
    waiting = false;
    pending("");
  };

  // What was asked, while its answer is looked for.
  const looking = (question) => {
    const shown = document.createElement("section");
    shown.className = "pending";
    shown.setAttribute("aria-busy", "true");
    for (const [name, text] of [["h2", question], ["p", texts.looking]]) {
      shown.append(Object.assign(document.createElement(name), { textContent: text }));
    }
    shown.firstChild.className = "question";
    document.querySelector("[data-pending]").replaceChildren(shown);
    shown.lastChild.scrollIntoView({ block: "nearest" });
  };

  const ask = async (asked) => {
    const { question } = asked;
    if (asking && !waiting) {
      if (question?.trim() && question !== asking.question) note(texts.stillComing);
      return;
    }
    if (!question?.trim()) {
      if (performance.now() - settled > EMPTY_AGAIN_MS) note(texts.empty);
      return;
    }
    const count = [...question.trim()].length;
    if (count > texts.limit) {
      if (!field().value) type(question);
      note(texts.questionTooLong.replace("{count}", count).replace("{limit}", texts.limit));
      return;
    }
    stop();
    const mine = asking = Object.assign(new AbortController(), { question });
    const typed = field().value === question;
    if (typed) type("");
    note("");
    looking(question);
    if (typed) {
      kept.draft = question; // until it is answered: the page may be loaded anew
      keep();
    }
    const lost = () => {
      pending("");
      if (waiting) return;
      waiting = true;
      if (!field().value) type(question);
      note(texts.waiting, texts.doNotSend, () => {
        stop();
        note("");
        field().focus();
      });
    };
    const failure = await insist((signal) => answer(asked, signal), lost, mine.signal);
    if (asking !== mine) return; // it was stopped
    asking = null;
    waiting = false;
    settled = performance.now();
    if (!failure) return;
    pending("");
    note(failure);
    if (typed && !field().value) type(question);
  };

  const askHere = (question, language, { everywhere, alone } = {}) => ask({
    question,
    language,
    everywhere: everywhere !== undefined,
    fields: lists().filter(({ value }) => value).map(({ name, value }) => [name, value]),
    // The question that is looked for everywhere is the last of the earlier ones: it is not its own follow-up.
    earlier: alone !== undefined ? [] : kept.earlier.slice(0, everywhere === undefined ? undefined : -1),
  });

  // The address of an answer holds its question behind "#". It is taken off, or the page would ask again when it is
  // loaded again.
  const askLinked = async () => {
    const said = new URLSearchParams(location.hash.slice(1));
    const [question, version, language, everywhere] = ["q", "v", "language", "everywhere"].map((name) => said.get(name));
    if (!question) return;
    history.replaceState(history.state, "", location.pathname + location.search);
    const fields = [...said].filter(([name]) => FILTER.includes(name));
    await ask({ question, language, everywhere: everywhere === "1", fields, earlier: said.getAll("earlier") });
    if (version && version !== texts.version && kept.records.length) note(texts.otherVersion);
  };

  const empty = () => {
    const { records, earlier, draft } = kept;
    const shown = [...conversation().children];
    const loses = shown.length || draft;
    stop();
    restoring.abort();
    crpdQaAnswer.silence();
    Object.assign(kept, { records: [], earlier: [] });
    conversation().replaceChildren();
    type("");
    keep();
    field().focus();
    if (!loses) return announce(texts.restarted);
    note(texts.restarted, texts.undo, () => {
      conversation().replaceChildren(...shown);
      Object.assign(kept, { records, earlier });
      if (!field().value) type(draft);
      keep();
      note("");
      field().focus();
      announce(texts.undone);
    });
  };

  const startAgain = () => {
    if (!kept.records.length && !field().value.trim()) return empty();
    const sure = document.querySelector("[data-again]");
    sure.returnValue = ""; // what Escape leaves there
    sure.onclose = () => { if (sure.returnValue === "yes") empty(); };
    sure.showModal();
  };

  const restore = async () => {
    if (kept.draft) type(kept.draft);
    lists().forEach((list, place) => {
      list.value = kept.where[place] ?? "";
      if (list.selectedIndex < 0) list.value = "";
    });
    if (spoken() && kept.language) {
      spoken().value = kept.language;
      spoken().dispatchEvent(new Event("change", { bubbles: true }));
    }
    if (!kept.records.length) return;
    turns = kept.records.length;
    restoring = new AbortController();
    const body = new URLSearchParams(kept.records.map((record) => ["record", record]));
    const failure = await insist(async (signal) => {
      const response = await post("conversation", { body, signal });
      if (response.status === 429 || response.status === 503) throw new Lost(await why(response));
      if (response.ok) {
        const html = await response.text();
        if (signal.aborted) return "";
        note("");
        conversation().insertAdjacentHTML("afterbegin", html);
        settle();
        openBeside(turnsShown().at(-1));
        const there = turnsShown()[kept.place[0]];
        if (there) scrollBy({ top: there.getBoundingClientRect().top - kept.place[1], behavior: "instant" });
        return "";
      }
      Object.assign(kept, { records: [], earlier: [] });
      return texts.keptUnreadable;
    }, (error) => note(error.message || texts.waiting), restoring.signal);
    keep();
    if (failure) note(failure);
  };

  window.crpdQa = {
    ask: (question, language) => askHere(question, language),
    cancel: () => {
      if (!asking) return;
      stop();
      note(texts.cancelled);
    },
    startAgain,
    note,
    why,
  };

  // A citation whose paragraph is open looks and sounds like it.
  document.addEventListener("toggle", ({ target }) => {
    document.querySelectorAll(`[data-opens="${target.id}"]`).forEach((opener) => opener.setAttribute("aria-expanded", target.open));
  }, true);

  document.addEventListener("click", (event) => {
    const asker = event.target.closest("[data-ask]");
    if (!asker) return;
    field().focus();
    askHere(asker.dataset.ask, "", asker.dataset);
  });

  document.addEventListener("input", (event) => {
    if (event.target !== field()) return;
    if (waiting && event.isTrusted) {
      // Who goes on writing has not asked yet.
      stop();
      note("");
    }
    kept.draft = field().value;
    keep();
  });

  document.addEventListener("change", () => {
    kept.where = lists().map(({ value }) => value);
    kept.language = spoken()?.value ?? "";
    keep();
  });

  const languages = () => {
    // Gradio sets the page's to the browser's.
    if (document.documentElement.lang !== texts.language) document.documentElement.lang = texts.language;
    crpdQaWhere.say();
    // Gradio's buttons can't say in which language they are; where the page's can't be asked in, it is English.
    document.querySelectorAll("#examples button:not([lang])").forEach((button) => { button.lang = texts.examples; });
  };

  let begun = false;
  const begin = async () => {
    if (begun || !conversation() || !field()) return;
    begun = true;
    await restore();
    await askLinked();
    addEventListener("hashchange", askLinked);
  };

  addEventListener("pagehide", () => {
    const places = begun ? turnsShown().map((turn) => turn.getBoundingClientRect()) : [];
    const first = places.findIndex(({ bottom }) => bottom > 0);
    if (first >= 0) kept.leave([first, places[first].top]);
  });

  // A page that one comes back to as it was left: the conversation may have gone on in another language.
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    kept.again();
    conversation().replaceChildren();
    restore();
  });

  window.gradio_config.title = document.title; // Gradio's is one for all languages
  window.gradio_config.pages = []; // it would show a navigation of its own
  document.addEventListener("DOMContentLoaded", () => {
    const observer = new MutationObserver(() => {
      languages();
      begin();
    });
    observer.observe(document.documentElement, { attributeFilter: ["lang"] });
    observer.observe(document.body, { childList: true, subtree: true });
  });
})();
