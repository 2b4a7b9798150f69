/* <crpd-qa-widget> asks the report of the crpd-qa server that this script came from. Attributes: docs/embedding.md.
 * Plain JavaScript: no build step, no cookie, no storage, no request to any other server.
 * Every text goes in as text and styles come by adoptedStyleSheets, so strict policies (CSP, Trusted Types) hold. */
(() => {
  "use strict";
  if (customElements.get("crpd-qa-widget")) return;

  const SCRIPT = document.currentScript ?? document.querySelector('script[src*="/widget.js"]');
  const TIMEOUT_MS = 30_000;
  const HISTORY = 10; // earlier questions sent along
  const LANGUAGES = ["en", "ru", "kk"];
  // Other languages come from the server. Same texts as locales/en.json, where every key begins with "widget_".
  const ENGLISH = {
    heading: "Ask the report",
    question: "Your question",
    hint: "You get the report’s own sentences, each with the number of its paragraph.",
    ask: "Ask",
    again: "Start again",
    examples: "For example:",
    questions: "What share of the population has a disability?|Will the court get me a sign language interpreter?|Which airports are ready for wheelchairs?",
    looking: "Looking in the report …",
    resolved: "I looked for: {question}",
    paragraph: "Paragraph {number}",
    sure: "This very likely answers your question.",
    probable: "This probably answers your question.",
    unsure: "This may not answer your question. Read the paragraph to be sure.",
    place: "This is the part of the report that you asked for.",
    declined: "The report does not say, as far as this tool can tell.",
    closest: "The closest paragraphs. They may be about something else:",
    copy: "Copy with citation",
    copied: "Copied",
    select: "This text could not be copied by itself. Select it and copy it:",
    report: "Read it in the whole report (new tab)",
    close: "Close",
    retry: "Try again",
    empty: "Please type a question.",
    busy: "Many questions are being asked just now. Please try again. Time to wait: {seconds}.",
    offline: "The report cannot be reached. Check your internet connection and try again.",
    timeout: "The answer takes too long. Please try again.",
    long: "This question cannot be read. Please ask it more briefly.",
    error: "Something went wrong on our side. Please try again.",
  };

  const STYLE = new CSSStyleSheet();
  STYLE.replaceSync(`
    :host { all: initial; display: block; }
    :host([hidden]), [hidden] { display: none !important; }
    /* Once more inside: the host page can style its own element, but nothing of it is inherited from here on. */
    .widget {
      all: initial; display: block; direction: ltr; color-scheme: light dark;
      --back: #fff; --text: #1b1b1f; --quiet: #4d4f57; --line: #767982; --soft: #f1f3f6; --link: #0b4a9e; --mark: #ffe58a;
      --accent: #0b4a9e; --on-accent: #fff;
      font: 1em/1.5 system-ui, sans-serif; color: var(--text); overflow-wrap: anywhere;
    }
    @media (prefers-color-scheme: dark) {
      .widget { --back: #17181c; --text: #f0f0f3; --quiet: #c3c6ce; --line: #8d919c; --soft: #25272d; --link: #a8c8ff; --mark: #6b5400;
        --accent: #a8c8ff; --on-accent: #000; }
    }
    * { box-sizing: border-box; }
    .panel { background: var(--back); border: 1px solid var(--line); border-radius: .5em; padding: 1em; }
    .top, .row { display: flex; flex-wrap: wrap; gap: .5em; align-items: center; }
    .top { justify-content: space-between; }
    h2, h3, p, blockquote, ul { margin: 0 0 .6em; padding: 0; font-size: 1em; }
    .top h2 { font-size: 1.25em; line-height: 1.3; margin: 0; flex: 1; }
    label { display: block; font-weight: 600; }
    textarea, button { font: inherit; color: inherit; min-height: 2.75em; border: 1px solid var(--line); border-radius: .3em; }
    textarea { display: block; width: 100%; padding: .5em; background: var(--back); resize: vertical; margin: 0 0 .6em; }
    button { background: var(--soft); padding: .4em .9em; cursor: pointer; text-align: start; }
    .filled { background: var(--accent); color: var(--on-accent); border-color: var(--text); font-weight: 600; }
    a { color: var(--link); display: inline-block; padding: .6em 0; }
    :focus-visible, [tabindex]:focus { outline: 3px solid var(--text); outline-offset: 2px; }
    .quiet { color: var(--quiet); }
    ul { list-style: none; }
    li { margin: 0 0 .4em; }
    article { border-top: 1px solid var(--line); padding-top: .8em; margin-top: .8em; }
    .number { padding: .1em .6em; }
    .paragraph { background: var(--soft); border-inline-start: 4px solid var(--line); padding: .8em; margin: 0 0 .8em; }
    .paragraph button { background: var(--back); }
    blockquote { white-space: pre-line; }
    mark { background: var(--mark); color: var(--text); }
    .unseen { position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
    /* At great zoom and on phones the launcher stays in the page's flow: it covers nothing. */
    @media (min-width: 40.01em) and (min-height: 30.01em) {
      .opener:not(.aside), .floating { position: fixed; inset-inline-end: 1em; z-index: 2147483000; }
      .opener { inset-block-end: 1em; box-shadow: 0 1px 6px #0006; }
      .floating { inset-block-end: 5em; width: 25em; max-height: calc(100vh - 6em); overflow: auto; box-shadow: 0 2px 16px #0006; }
    }
    @media (prefers-reduced-motion: no-preference) {
      .floating { animation: appear .15s; }
      @keyframes appear { from { opacity: 0; } }
    }
    @media (forced-colors: active) {
      button, .paragraph { border: 1px solid; }
    }
  `);

  /** An element. Attributes that begin with "on" are listeners; children are elements or text. */
  function make(name, attributes = {}, ...children) {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
      if (typeof value === "function") element.addEventListener(key.slice(2), value);
      else if (typeof value === "boolean") element.toggleAttribute(key, value);
      else element.setAttribute(key, value);
    }
    element.append(...children);
    return element;
  }

  /** Black or white, whichever is easier to read on the colour [r, g, b]: WCAG's relative luminance. */
  function readableOn(colour) {
    const [r, g, b] = colour.map((c) => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.179 ? "#000" : "#fff";
  }

  class CrpdQaWidget extends HTMLElement {
    #texts = ENGLISH;
    #language = "en";
    #server;
    #questions = []; // answered ones, oldest first: kept here only, gone with the page
    #asking = null; // the turn that waits for its answer
    #listening;
    #widget; #panel; #opener; #field; #examples; #again; #turns; #status;

    async connectedCallback() {
      this.#listening = new AbortController();
      const { signal } = this.#listening;
      document.addEventListener("keydown", (event) => this.#pageKey(event), { signal });
      document.addEventListener("focusin", (event) => this.#uncover(event.target), { signal });
      if (this.shadowRoot) return; // moved within the page: everything is still there
      this.attachShadow({ mode: "open" }).adoptedStyleSheets = [STYLE];
      const server = this.getAttribute("server")?.replace(/\/*$/, "/") ?? new URL(".", SCRIPT?.src ?? location.href);
      this.#server = new URL(server, location.href);
      await this.#loadTexts();
      this.#build();
    }

    disconnectedCallback() {
      this.#listening.abort();
    }

    // Texts

    async #loadTexts() {
      const wanted = this.lang || document.documentElement.lang || navigator.language;
      const language = wanted.toLowerCase().split("-")[0];
      if (language === "en" || !LANGUAGES.includes(language)) return;
      try {
        const catalogue = await this.#fetch(`api/v1/texts/${language}`);
        const texts = Object.keys(ENGLISH).map((key) => [key, catalogue[`widget_${key}`] ?? ENGLISH[key]]);
        [this.#texts, this.#language] = [Object.fromEntries(texts), language];
      } catch {
        // The widget works in English when the catalogue cannot be had.
      }
    }

    #text(key, values = {}) {
      return this.#texts[key].replace(/\{(\w+)\}/g, (_, name) => values[name]);
    }

    /** The language that a text of a visitor or of the server is in, as far as its letters tell. */
    #languageOf(text) {
      if (!/[\u0400-\u04ff]/.test(text)) return "en";
      return this.#language === "en" ? "ru" : this.#language;
    }

    // The frame

    #build() {
      const heading = this.getAttribute("heading") ?? this.#text("heading");
      const label = heading || this.#text("heading");
      const launcher = this.getAttribute("mode") === "launcher";
      this.#field = make("textarea", { id: "question", rows: 2, "aria-describedby": "hint", enterkeyhint: "send",
        onkeydown: (event) => this.#fieldKey(event) });
      this.#again = make("button", { type: "button", hidden: true, onclick: () => this.#startAgain() }, this.#text("again"));
      this.#status = make("p", { role: "status", class: "quiet" });
      this.#turns = make("div");
      this.#examples = this.#exampleButtons();
      this.#panel = make("div", { class: "panel", id: "panel" },
        make("div", { class: "top" }, ...(heading ? [make("h2", {}, heading)] : [])),
        make("form", { onsubmit: (event) => this.#submit(event) },
          make("label", { for: "question" }, this.#text("question")),
          make("p", { class: "quiet", id: "hint" }, this.#text("hint")),
          this.#field,
          make("div", { class: "row" }, make("button", { class: "filled" }, this.#text("ask")), this.#again)),
        this.#status, this.#examples, this.#turns);
      this.#widget = make("section", { class: "widget", lang: this.#language, "aria-label": label }, this.#panel);
      if (launcher) this.#makeLauncher(label);
      this.shadowRoot.append(this.#widget);
      this.#paint();
    }

    #exampleButtons() {
      const questions = (this.getAttribute("questions") ?? this.#text("questions")).split("|").map((q) => q.trim()).filter(Boolean);
      const button = (question) => make("button", { type: "button", lang: this.#languageOf(question), onclick: () => {
        this.#field.focus(); // the examples go away
        this.#ask(question);
      } }, question);
      return make("div", { hidden: !questions.length },
        make("p", { id: "examples" }, this.#text("examples")),
        make("ul", { "aria-labelledby": "examples" }, ...questions.map((question) => make("li", {}, button(question)))));
    }

    /** The attribute `accent` colours the filled buttons, in a text colour that can be read on it. */
    #paint() {
      const probe = this.#widget.style;
      probe.color = this.getAttribute("accent") ?? "";
      const colour = probe.color && getComputedStyle(this.#widget).color.match(/^rgba?\((\d+), (\d+), (\d+)/)?.slice(1).map(Number);
      probe.color = "";
      if (!colour) return;
      probe.setProperty("--accent", `rgb(${colour})`);
      probe.setProperty("--on-accent", readableOn(colour));
    }

    // The launcher

    #makeLauncher(label) {
      this.#opener = make("button", { type: "button", class: "opener filled", "aria-expanded": "false", "aria-controls": "panel",
        onclick: () => this.#show(this.#panel.hidden) }, label);
      for (const [name, value] of [["role", "dialog"], ["aria-label", label]]) this.#panel.setAttribute(name, value);
      this.#panel.classList.add("floating");
      this.#panel.hidden = true;
      this.#panel.querySelector(".top").append(
        make("button", { type: "button", class: "close", onclick: () => this.#show(false) }, this.#text("close")));
      this.#widget.prepend(this.#opener);
    }

    #show(open) {
      const inside = this.shadowRoot.activeElement;
      this.#panel.hidden = !open;
      this.#opener.setAttribute("aria-expanded", open);
      if (open) this.#field.focus();
      else if (inside) this.#opener.focus();
    }

    /** Escape closes the panel from anywhere, so that it never hides what has the focus for good (WCAG 2.4.11). */
    #pageKey(event) {
      if (event.key === "Escape" && !event.defaultPrevented && this.#opener && !this.#panel.hidden) this.#show(false);
    }

    /** The launcher's button steps aside, into the page's flow, while it would cover what has the focus. */
    #uncover(target) {
      if (!this.#opener || target === this) return;
      requestAnimationFrame(() => { // after the browser has scrolled to the focus
        this.#opener.classList.remove("aside");
        const [a, b] = [target, this.#opener].map((element) => element.getBoundingClientRect());
        const apart = a.right < b.left || b.right < a.left || a.bottom < b.top || b.bottom < a.top;
        const small = a.width < innerWidth / 2 || a.height < innerHeight / 2; // else it cannot be covered whole
        this.#opener.classList.toggle("aside", !apart && small);
      });
    }

    // Asking

    #fieldKey(event) {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.#field.form.requestSubmit();
    }

    #submit(event) {
      event.preventDefault();
      const question = this.#field.value.trim();
      if (this.#asking) return;
      if (!question) return this.#say(this.#text("empty"));
      this.#field.value = "";
      this.#ask(question);
    }

    #startAgain() {
      this.#field.focus();
      this.#questions = [];
      this.#asking = null;
      this.#turns.replaceChildren();
      this.#say("");
      this.#examples.hidden = !this.#examples.querySelector("li");
      this.#again.hidden = true;
    }

    /** The newest turn stands right under the form: a magnifier or a keyboard has no way to travel. */
    #ask(question) {
      const title = make(this.#panel.querySelector("h2") ? "h3" : "h2", { lang: this.#languageOf(question) }, question);
      const turn = make("article", {}, title, make("div"));
      this.#turns.prepend(turn);
      this.#examples.hidden = true;
      this.#again.hidden = false;
      this.#answer(turn, question);
    }

    async #answer(turn, question) {
      this.#asking = turn;
      this.#turns.setAttribute("aria-busy", "true");
      this.#say(this.#text("looking"));
      let content, said;
      try {
        const body = JSON.stringify({ question, history: this.#questions.slice(-HISTORY) });
        const answer = await this.#fetch("api/v1/ask", { method: "POST", headers: { "Content-Type": "application/json" }, body });
        if (!turn.isConnected) return; // started again in the meantime
        this.#questions.push(question);
        [content, said] = answer.answered ? this.#answered(answer) : this.#declined(answer);
      } catch (error) {
        if (!turn.isConnected) return;
        const retry = () => { if (!this.#asking) this.#field.focus(), this.#answer(turn, question); };
        said = error.message;
        content = [make("p", {}, said), make("button", { type: "button", onclick: retry }, this.#text("retry"))];
      }
      this.#asking = null;
      turn.lastChild.replaceChildren(...content);
      this.#turns.removeAttribute("aria-busy");
      this.#say(said, true);
    }

    /** Announced once, politely. What the page shows anyway (`unseen`) is not shown a second time. */
    #say(text, unseen = false) {
      this.#status.className = unseen ? "unseen" : "quiet";
      this.#status.lang = this.#languageOf(text) === "en" ? "en" : this.#language;
      this.#status.textContent = text;
    }

    /** The server's JSON. Throws an Error whose message is for people. */
    async #fetch(path, options = {}) {
      const trouble = (key, values) => new Error(this.#text(key, values));
      let response;
      try {
        response = await fetch(new URL(path, this.#server), { credentials: "omit", referrerPolicy: "no-referrer",
          signal: AbortSignal.timeout(TIMEOUT_MS), ...options });
        if (response.ok) return await response.json();
      } catch (error) {
        throw trouble({ TimeoutError: "timeout", SyntaxError: "error" }[error.name] ?? "offline");
      }
      if (response.status === 429 || response.status === 503) {
        const unit = new Intl.NumberFormat(this.#language, { style: "unit", unit: "second", unitDisplay: "long" });
        throw trouble("busy", { seconds: unit.format(Number(response.headers.get("Retry-After")) || 10) });
      }
      throw trouble({ 413: "long", 422: "long", 504: "timeout" }[response.status] ?? "error");
    }

    // What came back: what to show, and what to say

    #answered({ question, resolved, citations, confidence, mode }) {
      const content = [];
      if (resolved && resolved !== question) {
        content.push(make("p", { class: "quiet" }, this.#text("resolved", { question: resolved })));
      }
      for (const citation of citations) {
        const [button, paragraph] = this.#disclosure(citation.number, citation);
        content.push(make("p", { lang: "en" }, citation.quote, " ", button), paragraph);
      }
      const sure = mode === "locate" ? "place" : confidence >= 0.85 ? "sure" : confidence >= 0.6 ? "probable" : "unsure";
      content.push(make("p", { class: "quiet" }, this.#text(sure)));
      return [content, citations.map(({ quote, number }) => `${quote} ${this.#text("paragraph", { number })}.`).join(" ")];
    }

    #declined({ text, passages }) {
      if (!passages.length) return [[make("p", { lang: this.#languageOf(text) }, text)], text];
      const said = `${this.#text("declined")} ${this.#text("closest")}`;
      const items = passages.slice(0, 3).map(({ number }) => make("li", {}, ...this.#disclosure(number)));
      return [[make("p", {}, make("strong", {}, this.#text("declined"))), make("p", {}, this.#text("closest")),
        make("ul", {}, ...items)], said];
    }

    /** A button, and the paragraph that it opens: focus goes in, and back to the button. */
    #disclosure(number, citation) {
      const label = this.#text("paragraph", { number });
      const button = make("button", { type: "button", class: "number", lang: this.#language, "aria-expanded": "false" }, label);
      const paragraph = make("div", { class: "paragraph", role: "group", "aria-label": label, tabindex: "-1", lang: this.#language, hidden: true });
      const show = (open) => {
        paragraph.hidden = !open;
        button.setAttribute("aria-expanded", open);
        (open ? paragraph : button).focus();
      };
      const close = make("button", { type: "button", onclick: () => show(false) }, this.#text("close"));
      paragraph.addEventListener("keydown", (event) => {
        if (event.key !== "Escape") return;
        event.preventDefault(); // closes this, not the launcher's panel
        show(false);
      });
      button.addEventListener("click", async () => {
        if (!paragraph.hidden) return show(false);
        try {
          paragraph.replaceChildren(...this.#paragraph(await this.#fetch(`api/v1/paragraphs/${number}`), citation, close));
        } catch (error) {
          paragraph.replaceChildren(make("p", {}, error.message), close);
        }
        show(true);
      });
      return [button, paragraph];
    }

    #paragraph({ number, text, section, document: symbol }, citation, close) {
      const query = new URLSearchParams({ lang: this.#language, para: number });
      const quotation = make("blockquote", { lang: "en" }, text);
      if (citation) {
        const { start, end } = citation;
        const characters = [...text]; // offsets count characters, not UTF-16 units
        const part = (from, to) => characters.slice(from, to).join("");
        quotation.replaceChildren(part(0, start), make("mark", {}, part(start, end)), part(end));
        query.set("quote", `${start}-${end}`);
      }
      const copied = `“${citation?.quote ?? text}” (${symbol}, para. ${number})`;
      const copy = make("button", { type: "button", onclick: () => this.#copy(copied, copy),
        onblur: () => { copy.textContent = this.#text("copy"); } }, this.#text("copy"));
      const report = make("a", { target: "_blank", rel: "noopener", href: new URL(`report?${query}#para-${number}`, this.#server) },
        this.#text("report"));
      return [make("p", { class: "quiet", lang: "en" }, section), quotation, make("div", { class: "row" }, copy, close), report];
    }

    async #copy(text, button) {
      try {
        await navigator.clipboard.writeText(text);
        button.textContent = this.#text("copied");
        this.#say(this.#text("copied"), true);
      } catch { // not on a plain http page, nor in an iframe without allow="clipboard-write"
        const field = make("textarea", { readonly: true, lang: "en", rows: 4, "aria-label": this.#text("select") }, text);
        button.parentElement.before(make("p", {}, this.#text("select")), field);
        field.focus();
        field.select();
      }
    }
  }

  customElements.define("crpd-qa-widget", CrpdQaWidget);
})();
