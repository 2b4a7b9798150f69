/* <crpd-qa-widget> asks the report of the crpd-qa server that this script came from. Attributes: docs/embedding.md.
 * Plain JavaScript: no build step, no cookie, no storage, no request to any other server.
 * Texts go in as text, styles by adoptedStyleSheets: strict policies (CSP, Trusted Types) hold. */
(() => {
  "use strict";
  if (customElements.get("crpd-qa-widget")) return;

  const SCRIPT = document.currentScript ?? document.querySelector('script[src*="/widget.js"]');
  const TIMEOUT_MS = 60_000;
  const REQUEST = { credentials: "omit", referrerPolicy: "no-referrer" };
  const HISTORY = 10; // earlier questions sent along
  const SCOPE = ["state", "kind", "article", "document", "document_language"];
  const PARAGRAPH = { en: "Paragraph", ru: "Пункт", fr: "Paragraphe", es: "Párrafo" }; // in documents' languages
  const LANGUAGES = ["en", "ru", "kk", "fr", "es"];
  const CYRILLIC = ["ru", "kk"];
  const TYPING = ["keydown", "keypress", "keyup", "beforeinput", "input", "copy", "cut", "paste"];

  // Colours, sizes and parts as in design.css.
  const STYLE = new CSSStyleSheet();
  STYLE.replaceSync(`
  :host { all: initial; display: block; }
  :host([hidden]), [hidden] { display: none !important; }
  /* Once more inside: what the host page does to its own element is not inherited from here on. */
  .widget {
    all: initial; display: block; direction: ltr; color-scheme: light dark;
    --paper: light-dark(#ffffff, #12181c);
    --tint: light-dark(#f2f6f7, #1b242a);
    --ink: light-dark(#17212a, #e9eff2);
    --quiet: light-dark(#4a5965, #b0bdc6);
    --edge: light-dark(#687883, #8595a1);
    --accent: light-dark(#0b5a6e, #82d2e4);
    --on-accent: light-dark(#ffffff, #06222b);
    --mark: light-dark(#fff0bd, #4a3d10);
    --mark-edge: light-dark(#8a6d00, #d3ae3c);
    --focus: light-dark(#b0450b, #fbbf24);
    font: 1em/1.5 system-ui, sans-serif; color: var(--ink); overflow-wrap: anywhere;
  }
  .light { color-scheme: light; }
  .dark { color-scheme: dark; }
  * { box-sizing: border-box; }
  .panel { background: var(--paper); border: 1px solid var(--edge); border-radius: .5em; padding: 1em; }
  .row { display: flex; flex-wrap: wrap; gap: .5em; align-items: center; }
  h2, h3, h4, p, blockquote, ul { margin: 0 0 .6em; padding: 0; font-size: 1em; }
  .row h2 { font-size: 1.2em; flex: 1; }
  label { font-weight: 600; }
  textarea, button {
    font: inherit; color: inherit; min-height: max(2.75em, 44px); border: 1px solid var(--edge); border-radius: .5em;
    background: var(--paper); padding: .4em .9em; text-align: start;
  }
  textarea { width: 100%; resize: vertical; border-width: 2px; }
  button { cursor: pointer; }
  button:hover { border-color: var(--ink); }
  .filled { background: var(--fill, var(--accent)); color: var(--on-fill, var(--on-accent)); border-color: var(--ink); font-weight: 600; }
  a { color: var(--accent); display: inline-block; padding: .7em 0; }
  :focus-visible, [tabindex]:focus { outline: 3px solid var(--focus); outline-offset: 2px; }
  .quiet { color: var(--quiet); font-size: .9em; }
  ul { list-style: none; }
  li { margin: 0 0 .4em; }
  article { border-top: 1px solid var(--edge); padding-top: .8em; margin-top: .8em; }
  article > :first-child { font-size: 1.1em; }
  .number { color: var(--accent); border-radius: 9em; font-size: .85em; padding: .1em .8em; }
  .paragraph { background: var(--tint); border-inline-start: 3px solid var(--accent); padding: .8em; margin: .5em 0 .8em; }
  blockquote { white-space: pre-line; }
  mark { background: var(--mark); color: inherit; border-bottom: 2px solid var(--mark-edge); }
  .unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  /* In the corner, on phones too. At great zoom, where windows are low, in the page's flow: it covers nothing. */
  @media (min-height: 17.01em) {
    .opener:not(.aside), .floating { position: fixed; inset-inline-end: 1em; z-index: 2147483000; }
    .opener { inset-block-end: 1em; }
    .floating { inset-block-end: 5em; width: 25em; max-height: calc(100vh - 6em); overflow: auto; }
  }
  @media (min-height: 17.01em) and (max-width: 40em) {
    .launcher { min-height: 4.75em; } /* the page's end can be scrolled out from under the opener */
    /* From the top: a phone's keyboard comes from below. */
    .floating { inset: .5em .5em auto; width: auto; max-height: calc(100vh - 5.5em); max-height: calc(100dvh - 5.5em); }
  }
  /* They lie on colours that are not ours: a rim, and one on both sides of the focus ring. */
  .opener { box-shadow: 0 0 0 2px var(--paper); }
  .opener:focus-visible { box-shadow: 0 0 0 7px var(--paper); }
  .floating { box-shadow: 0 2px 16px #0006; }
  @media (prefers-reduced-motion: no-preference) {
    .floating { animation: appear .15s; }
    @keyframes appear { from { opacity: 0; } }
  }
  @media (forced-colors: active) { .paragraph { border: 1px solid; } }
  @supports not (color: light-dark(#000, #fff)) { .panel, textarea, button { border: 1px solid; background: #fff; } }
`);

  /** An element. Attributes "on..." are listeners; children are elements or text. */
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

  /** A text with [start, end) of it marked, in order. Offsets count characters, not UTF-16 units. */
  function marked(text, spans) {
    const characters = [...text];
    const part = (from, to) => characters.slice(from, to).join("");
    let at = 0;
    const nodes = spans.flatMap(([start, end]) => {
      const before = part(at, start);
      at = end;
      return [before, make("mark", {}, part(start, end))];
    });
    return [...nodes, part(at)];
  }

  /** Black or white on the colour [r, g, b], by WCAG's relative luminance. */
  function readableOn(colour) {
    const [r, g, b] = colour.map((c) => c <= 10 ? c / 3294.6 : ((c / 255 + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.179 ? "#000" : "#fff";
  }

  class CrpdQaWidget extends HTMLElement {
    #texts; // the server's, as "widget_..." in locales/en.json
    #language = "en";
    #server;
    #scope = {}; // where to look, as the API has it
    #questions = []; // answered ones, oldest first: kept here only, gone with the page
    #asking = null; // the turn that waits for its answer
    #listening;
    #widget; #panel; #opener; #field; #examples; #again; #turns; #status;

    async connectedCallback() {
      this.#listening = new AbortController();
      const { signal } = this.#listening;
      document.addEventListener("keydown", (event) => this.#pageKey(event), { signal });
      document.addEventListener("focusin", (event) => this.#uncover(event.target), { signal });
      for (const type of TYPING) addEventListener(type, (event) => this.#keep(event), { signal, capture: true });
      if (this.shadowRoot) return; // moved within the page: everything is still there
      this.attachShadow({ mode: "open" }).adoptedStyleSheets = [STYLE];
      const server = this.getAttribute("server")?.replace(/\/*$/, "/") ?? new URL(".", SCRIPT?.src ?? location.href);
      this.#server = new URL(server, location.href);
      for (const name of SCOPE) {
        const value = this.getAttribute(name.replace("_", "-"))?.trim();
        if (value) this.#scope[name] = value;
      }
      try {
        await this.#loadTexts();
        this.#build();
      } catch {
        this.shadowRoot.append(make("p", { lang: "en" }, "The report cannot be reached just now."));
      }
    }

    disconnectedCallback() {
      this.#listening.abort();
    }

    async #loadTexts() {
      const wanted = this.lang || document.documentElement.lang || navigator.language;
      const language = wanted.toLowerCase().split("-")[0];
      if (LANGUAGES.includes(language)) this.#language = language;
      const response = await fetch(new URL(`api/v1/texts/${this.#language}`, this.#server), REQUEST);
      this.#texts = await response.json();
    }

    #text(key, values = {}) {
      return this.#texts[`widget_${key}`].replace(/\{(\w+)\}/g, (_, name) => values[name]);
    }

    /** The language that a question is in, as far as its letters tell. */
    #languageOf(text) {
      const cyrillic = /[\u0400-\u04ff]/.test(text);
      return cyrillic === CYRILLIC.includes(this.#language) ? this.#language : cyrillic ? "ru" : "en";
    }

    /** So many levels below the widget's own title. */
    #heading(depth, text, lang) {
      return make(`h${depth + (this.#panel.querySelector(".row h2") ? 2 : 1)}`, { lang }, text);
    }

    #button(key, onclick) {
      return make("button", { type: "button", onclick }, this.#text(key));
    }

    #build() {
      const heading = this.getAttribute("heading") ?? this.#text("heading");
      const label = heading || this.#text("heading");
      this.#field = make("textarea", { id: "question", rows: 2, "aria-describedby": "hint", enterkeyhint: "send" });
      this.#again = this.#button("again", () => this.#startAgain());
      this.#again.hidden = true;
      this.#status = make("p", { role: "status", class: "quiet" });
      this.#turns = make("div");
      this.#examples = this.#exampleButtons();
      this.#panel = make("div", { class: "panel" },
        make("div", { class: "row" }, ...(heading ? [make("h2", {}, heading)] : [])),
        make("form", { onsubmit: (event) => this.#submit(event) },
          make("label", { for: "question" }, this.#text("question")),
          make("p", { class: "quiet", id: "hint" }, this.#text("hint")),
          this.#field,
          make("div", { class: "row" }, make("button", { class: "filled" }, this.#text("ask")), this.#again)),
        this.#status, this.#examples, this.#turns);
      this.#widget = make("section", { class: "widget", lang: this.#language, "aria-label": label }, this.#panel);
      const scheme = this.getAttribute("scheme");
      this.#widget.classList.add(["light", "dark"].includes(scheme) ? scheme : "auto");
      if (this.getAttribute("mode") === "launcher") this.#makeLauncher(label);
      this.shadowRoot.append(this.#widget);
      this.#paint();
    }

    #exampleButtons() {
      const questions = (this.getAttribute("questions") ?? this.#text("questions")).split("|").filter((q) => q.trim());
      const ask = ({ target }) => {
        this.#field.focus(); // the examples go away
        this.#ask(target.textContent);
      };
      const items = questions.map((question) =>
        make("li", {}, make("button", { lang: this.#languageOf(question), onclick: ask }, question.trim())));
      return make("div", { hidden: !items.length }, make("p", {}, this.#text("examples")), make("ul", {}, ...items));
    }

    /** `accent` colours the filled buttons; their text is readable on it. */
    #paint() {
      const { style } = this.#widget;
      style.color = this.getAttribute("accent") ?? "";
      const colour = style.color && getComputedStyle(this.#widget).color.match(/\d+/g).slice(0, 3);
      style.color = "";
      if (!colour) return;
      style.setProperty("--fill", `rgb(${colour})`);
      style.setProperty("--on-fill", readableOn(colour));
    }

    #makeLauncher(label) {
      this.#opener = make("button", { class: "opener filled", "aria-expanded": "false",
        onclick: () => this.#show(this.#panel.hidden) }, label);
      this.#panel.setAttribute("role", "dialog");
      this.#panel.setAttribute("aria-label", label);
      this.#panel.classList.add("floating");
      this.#widget.classList.add("launcher");
      this.#panel.hidden = true;
      this.#panel.querySelector(".row").append(this.#button("close", () => this.#show(false)));
      this.#widget.prepend(this.#opener);
    }

    #show(open) {
      const inside = this.shadowRoot.activeElement;
      this.#panel.hidden = !open;
      this.#opener.setAttribute("aria-expanded", open);
      if (open) this.#field.focus();
      else if (inside) this.#opener.focus();
    }

    /** Escape closes the panel from anywhere: it never hides what has the focus for good (WCAG 2.4.11). */
    #pageKey(event) {
      if (event.key === "Escape" && !event.defaultPrevented && this.#opener && !this.#panel.hidden) this.#show(false);
    }

    /** What is typed or copied in here does not reach the page's shortcuts, all but Escape: it goes no further than to
     * the window, whose capturing listeners come before the document's. Typing itself is not hindered by that. */
    #keep(event) {
      const path = event.composedPath();
      if (event.key === "Escape" || !path.includes(this.shadowRoot)) return;
      event.stopImmediatePropagation();
      if (event.type !== "keydown" || event.key !== "Enter" || path[0] !== this.#field) return;
      if (!event.shiftKey && !event.isComposing) this.#submit(event);
    }

    /** The launcher steps aside, into the page's flow, while it would cover what has the focus. */
    #uncover(target) {
      if (!this.#opener || target === this) return;
      requestAnimationFrame(() => { // after the browser has scrolled to the focus
        this.#opener.classList.remove("aside");
        const [a, b] = [target, this.#opener].map((element) => element.getBoundingClientRect());
        const apart = a.right < b.left || b.right < a.left || a.bottom < b.top || b.bottom < a.top;
        this.#opener.classList.toggle("aside", !apart);
      });
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
      this.#turns.removeAttribute("aria-busy");
      this.#say(this.#text("restarted"), true);
      this.#examples.hidden = !this.#examples.querySelector("li");
      this.#again.hidden = true;
    }

    /** The newest turn stands under the form. */
    #ask(question) {
      const title = this.#heading(1, question, this.#languageOf(question));
      const turn = make("article", {}, title, make("div"));
      this.#turns.prepend(turn);
      this.#examples.hidden = true;
      this.#again.hidden = false;
      this.#answer(turn, question);
    }

    /** `narrowing`: whether a State or voice that the question names narrows where it is looked for. */
    async #answer(turn, question, narrowing = true) {
      this.#asking = turn;
      this.#turns.setAttribute("aria-busy", "true");
      this.#say(this.#text("looking"));
      let content, said, language;
      try {
        const history = this.#questions.slice(-HISTORY);
        const body = JSON.stringify({ question, history, scope: this.#scope, narrowing });
        const headers = { "Content-Type": "application/json", "Accept-Language": this.#language };
        const answer = await this.#fetch("api/v1/ask", { method: "POST", headers, body });
        if (this.#asking !== turn) return; // started again in the meantime
        this.#questions.push(question);
        turn.firstChild.lang = answer.language;
        [content, said, language] = answer.answered ? this.#answered(answer) : this.#declined(answer);
        if (answer.narrowed) content.unshift(this.#lookedIn(answer.scope, turn, question));
        if (answer.notice) content.push(make("p", { lang: answer.language }, answer.notice));
      } catch (error) {
        if (this.#asking !== turn) return;
        const retry = () => { if (!this.#asking) this.#field.focus(), this.#answer(turn, question); };
        said = error.message;
        content = [make("p", {}, said), this.#button("retry", retry)];
      }
      this.#asking = null;
      turn.lastChild.replaceChildren(...content);
      this.#turns.removeAttribute("aria-busy");
      this.#say(said, true, language);
    }

    /** Where the question itself narrowed it to, and the way out. */
    #lookedIn({ state = [], kind = [], article = [] }, turn, question) {
      const names = [...state.map((code) => `state_${code}`), ...kind.map((name) => `kind_${name.replaceAll("-", "_")}`)];
      const articles = article.map((number) => this.#texts.scope_article.replace("{number}", number));
      const where = [...names.map((name) => this.#texts[name]), ...articles].join(", ");
      const onclick = () => {
        if (this.#asking) return;
        this.#field.focus();
        this.#questions.pop(); // it is not its own follow-up
        this.#answer(turn, question, false);
      };
      const widen = make("button", { type: "button", onclick }, this.#texts.where_everywhere);
      return make("p", { class: "row" }, this.#texts.answer_looked_in.replace("{where}", where), widen);
    }

    /** Announced once, politely. What the page shows anyway (`unseen`) is shown once. */
    #say(text, unseen = false, language = this.#language) {
      this.#status.className = unseen ? "unseen" : "quiet";
      this.#status.lang = language;
      this.#status.textContent = text;
    }

    /** The server's JSON. Throws an Error whose message is for people. */
    async #fetch(path, options = {}) {
      const trouble = (key, values) => new Error(this.#text(key, values));
      let response;
      try {
        const signal = AbortSignal.timeout(TIMEOUT_MS);
        response = await fetch(new URL(path, this.#server), { ...REQUEST, signal, ...options });
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

    /** What came back: [what to show, what to say, in which language]. */
    #answered(answer) {
      const { question, resolved, text, citations, confidence, mode, language } = answer;
      const content = [];
      if (resolved && resolved !== question) {
        content.push(make("p", { class: "quiet" }, this.#text("resolved", { question: resolved })));
      }
      if (mode === "help") {
        const page = answer.several_documents || Object.keys(this.#scope).length ? "library" : "report";
        const href = new URL(`${page}?lang=${this.#language}`, this.#server);
        const link = make("a", { target: "_blank", rel: "noopener", href }, this.#texts[`nav_${page}`]);
        return [[make("p", { lang: language }, text), link], text, language];
      }
      const composed = mode === "language-model";
      const several = this.#areSeveral(citations);
      const spoken = [];
      let before = "";
      for (const [heading, own] of this.#voices(answer)) {
        if (heading !== before) {
          content.push(this.#heading(2, heading, this.#language));
          spoken.push(`${heading}.`);
        }
        before = heading;
        if (!own.length) {
          content.push(make("p", {}, this.#texts.where_nothing_found));
          spoken.push(this.#texts.where_nothing_found);
        }
        for (const { text: said, citations, meets } of own) {
          if (composed) {
            content.push(make("p", { lang: language }, said), make("p", { class: "quiet" }, this.#text("rests_on")));
          }
          const at = (one) => citations.filter((other) => other.document === one.document && other.label === one.label);
          const places = [...new Map(citations.map((one) => [`${one.document}#${one.label}`, at(one)])).values()];
          const opened = places.map((cited) => this.#disclosure(cited[0], several, cited));
          const quotes = citations.map(({ quote }) => quote).join(" ");
          const { language: written } = citations[0];
          const shown = composed ? citations.flatMap(({ quote }, n) => [...marked(quote, meets[n]), " "]) : [quotes];
          const buttons = opened.flatMap(([button]) => [" ", button]);
          content.push(make("p", { lang: written }, ...shown, ...buttons), ...opened.map(([, paragraph]) => paragraph));
          const named = places.map(([{ label, document: symbol }]) =>
            `${several ? `${symbol}. ` : ""}${PARAGRAPH[written]} ${label}.`);
          spoken.push(quotes, ...named);
        }
      }
      for (const part of answer.not_answered) content.push(make("p", {}, this.#text("part", { part })));
      const likely = confidence >= 0.85 ? "sure" : confidence >= 0.6 ? "probable" : "unsure";
      content.push(make("p", { class: "quiet" }, this.#text(mode === "locate" ? "place" : likely)));
      return composed ? [content, text, language] : [content, spoken.join(" "), citations[0].language];
    }

    /** [heading, statements]: by the answer's groups, one that found nothing too, and by State and kind of document.
     * The heading is empty where all is one voice of one State. */
    #voices({ statements, citations, groups }) {
      const name = ({ state, kind }) => [this.#texts[`state_${state}`],
        this.#texts[`voice_${kind.replaceAll("-", "_")}`]].filter(Boolean).join(": ");
      const differ = (key) => new Set(citations.map((citation) => citation[key])).size > 1;
      const [states, kinds] = [differ("state"), differ("kind")];
      const apart = (group, own) => own.map((statement) => {
        const { state, kind } = statement.citations[0];
        return [name({ state: group.state || (states && state), kind: group.kind || (kinds ? kind : "") }), [statement]];
      });
      if (!groups.length) return apart({}, statements);
      return groups.flatMap((group, n) => {
        const own = statements.filter((statement) => statement.group === n);
        return own.length ? apart(group, own) : [[name(group), own]];
      });
    }

    #areSeveral(paragraphs) {
      return new Set(paragraphs.map((paragraph) => paragraph.document)).size > 1;
    }

    #place({ document: symbol, label }, several) {
      return this.#text(several ? "cited" : "paragraph", { document: symbol, number: label });
    }

    #declined({ text, passages, language }) {
      if (!passages.length) return [[make("p", { lang: language }, text)], text, language];
      const said = `${this.#text("declined")} ${this.#text("closest")}`;
      const closest = passages.slice(0, 3);
      const several = this.#areSeveral(closest);
      const items = closest.map((passage) => make("li", {}, ...this.#disclosure(passage, several)));
      const declined = make("p", {}, make("strong", {}, this.#text("declined")));
      return [[declined, make("p", {}, this.#text("closest")), make("ul", {}, ...items)], said];
    }

    /** A button, and the paragraph that it opens: focus goes in, and back to the button. */
    #disclosure(cited, several, citations = []) {
      const label = this.#place(cited, several);
      const button = make("button", { class: "number", lang: this.#language, "aria-expanded": "false" }, label);
      const paragraph = make("div",
        { class: "paragraph", role: "group", "aria-label": label, tabindex: -1, hidden: true });
      const show = (open) => {
        paragraph.hidden = !open;
        button.setAttribute("aria-expanded", open);
        (open ? paragraph : button).focus();
      };
      const close = this.#button("close", () => show(false));
      paragraph.addEventListener("keydown", (event) => {
        if (event.key !== "Escape") return;
        event.preventDefault(); // closes this, not the launcher's panel
        show(false);
      });
      button.addEventListener("click", async () => {
        if (!paragraph.hidden) return show(false);
        try {
          const query = new URLSearchParams({ document: cited.document, document_language: citations[0]?.language ?? "" });
          const found = await this.#fetch(`api/v1/paragraphs/${encodeURIComponent(cited.label)}?${query}`);
          paragraph.replaceChildren(...this.#paragraph(found, citations, close));
        } catch (error) {
          paragraph.replaceChildren(make("p", {}, error.message), close);
        }
        show(true);
      });
      return [button, paragraph];
    }

    #paragraph({ label, text, section, language, citation: source, url }, citations, close) {
      const href = new URL(url, this.#server);
      href.searchParams.set("lang", this.#language);
      href.searchParams.set("para", label);
      const spans = citations.map(({ start, end }) => [start, end]);
      const quotation = make("blockquote", { lang: language }, ...marked(text, spans));
      for (const [start, end] of spans) href.searchParams.append("quote", `${start}-${end}`);
      const copied = `“${citations.map(({ quote }) => quote).join(" ") || text}” (${source})`;
      const copy = this.#button("copy", () => this.#copy(copied, copy));
      copy.addEventListener("blur", () => { copy.textContent = this.#text("copy"); });
      const report = make("a", { target: "_blank", rel: "noopener", href }, this.#text("report"));
      const place = make("p", { class: "quiet", lang: language }, section);
      return [place, quotation, make("div", { class: "row" }, copy, close), report];
    }

    async #copy(text, button) {
      try {
        await navigator.clipboard.writeText(text);
        button.textContent = this.#text("copied");
        this.#say(this.#text("copied"), true);
      } catch { // not on a plain http page, nor in an iframe without allow="clipboard-write"
        button.parentElement.before(make("p", {}, this.#text("select")), make("p", { lang: "en" }, text));
        this.#say(this.#text("select"), true);
      }
    }
  }

  customElements.define("crpd-qa-widget", CrpdQaWidget);
})();
