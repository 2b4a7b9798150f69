/* <crpd-qa-widget> asks the report of the crpd-qa server that this script came from. Attributes: docs/embedding.md.
 * Plain JavaScript: no build step, no cookie, no storage, no request to any other server.
 * Answers are the server's own HTML, rebuilt of what answers consist of; all else goes in as text, styles by
 * adoptedStyleSheets: strict policies (CSP, Trusted Types) hold. */
(() => {
  "use strict";
  if (customElements.get("crpd-qa-widget")) return;

  const SCRIPT = document.currentScript ?? document.querySelector('script[src*="/widget.js"]');
  const TIMEOUT_MS = 60_000;
  const REQUEST = { credentials: "omit", referrerPolicy: "no-referrer" };
  const HISTORY = 10; // earlier questions sent along
  const SCOPE = ["state", "kind", "article", "document", "document_language"];
  // By language, where the server's own texts cannot be had.
  const NOTHING = {
    en: "Questions cannot be answered here just now.",
    ru: "Сейчас здесь нельзя получить ответы на вопросы.",
    kk: "Қазір мұнда сұрақтарға жауап алу мүмкін емес.",
    fr: "Il n’est pas possible de répondre aux questions ici pour le moment.",
    es: "En este momento no se puede responder a preguntas aquí.",
  };
  const CYRILLIC = ["ru", "kk"];
  // Of which elements and attributes answers consist, beside data-...
  const ELEMENTS = "A ARTICLE BLOCKQUOTE BUTTON DETAILS DIV FIELDSET H2 H3 INPUT LABEL LEGEND LI MARK P SPAN STRONG SUMMARY UL".split(" ");
  const ATTRIBUTES = "aria-label aria-labelledby autocomplete class hidden id lang maxlength name role title type".split(" ");
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
    --line: light-dark(#d3dde1, #35424b);
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
  .panel { background: var(--paper); border: 1px solid var(--edge); border-radius: .5em; padding: 1em; container-type: inline-size; }
  .row, .actions { display: flex; flex-wrap: wrap; gap: .5em 1em; align-items: center; }
  h2, h3, h4, p, blockquote, ul { margin: 0 0 .6em; padding: 0; font-size: 1em; }
  .row h2 { font-size: 1.2em; flex: 1; }
  label { font-weight: 600; }
  textarea, input, button {
    font: inherit; color: inherit; min-height: max(2.75em, 44px); border: 1px solid var(--edge); border-radius: .5em;
    background: var(--paper); padding: .4em .9em; text-align: start;
  }
  textarea, input { width: 100%; resize: vertical; border-width: 2px; }
  button, summary { cursor: pointer; }
  button:hover { border-color: var(--ink); background: var(--tint); }
  .filled, .filled:hover { background: var(--fill, var(--accent)); color: var(--on-fill, var(--on-accent)); border-color: var(--ink); font-weight: 600; }
  a { color: var(--accent); display: inline-block; padding: .8em 0; }
  a::after { content: " ↗" / ""; }
  :focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; }
  .quiet:not(button), .resolved, .looked-in, .confidence, .declined, .near, .place, .page, .after { color: var(--quiet); font-size: .9em; }
  .after button, fieldset { color: var(--ink); }
  fieldset {
    display: grid; grid-template-columns: auto auto 1fr; gap: .6em; min-width: 0; margin: .6em 0; padding: .6em;
    border: 1px solid var(--line); border-radius: .5em;
  }
  fieldset > :not(button) { grid-column: 1 / -1; }
  ul { list-style: none; }
  li { margin: 0 0 .4em; }
  .said ul, blockquote ul { list-style: disc; padding-inline-start: 1.3em; }
  article { border-top: 1px solid var(--line); padding-top: 1em; margin-top: 1em; }
  .question { font-size: 1.2em; line-height: 1.25; }
  .answer h3, .answer h4 { color: var(--quiet); font-size: .9em; font-weight: 600; margin-top: 1em; }
  .question, .said, .confidence, .declined, .after { max-width: 44em; }
  .answer > .declined { color: inherit; font-size: 1em; }
  .left-out { color: var(--quiet); }
  .citation {
    position: relative; display: inline-block; min-height: 24px; margin: .1em 0; padding: 0 .7em; font-size: .85em; line-height: 1.75;
    color: var(--accent); border-radius: 9em; white-space: nowrap;
  }
  .citation::before { content: ""; position: absolute; inset: -10px 0; } /* as large to press as the others */
  .citation[aria-expanded="true"] { background: var(--accent); color: var(--on-accent); }
  summary { padding: .7em 0; min-height: 44px; }
  .source { border-top: 1px solid var(--line); }
  blockquote { border-inline-start: 3px solid var(--accent); padding-inline-start: .9em; }
  .near .label { font-weight: 600; }
  mark { background: var(--mark); color: inherit; border-bottom: 2px solid var(--mark-edge); }
  .said mark { font-weight: 650; }
  .unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  @container (min-width: 60em) { /* the source beside the answer */
    .with-sources { display: grid; grid-template: auto 1fr / minmax(0, 44em) minmax(20em, 1fr); gap: 0 2em; }
    .sources { grid-area: 1 / 2 / span 2; }
  }
  /* In the corner, on phones too. At great zoom, where windows are low, in the page's flow: it covers nothing. */
  @media (min-height: 17.01em) {
    .left { --corner: 1em auto; }
    .opener:not(.aside), .floating { position: fixed; inset-inline: var(--corner, auto 1em); z-index: 2147483000; }
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
  @media (forced-colors: active) {
    mark { forced-color-adjust: none; background: Mark; color: MarkText; }
    .citation[aria-expanded="true"] { outline: 2px solid Highlight; }
  }
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
    #answers = 0;
    #listening;
    #widget; #panel; #opener; #field; #examples; #again; #turns; #status;

    async connectedCallback() {
      this.#listening = new AbortController();
      const { signal } = this.#listening;
      document.addEventListener("keydown", (event) => this.#pageKey(event), { signal });
      document.addEventListener("focusin", (event) => this.#uncover(event.target), { signal });
      for (const type of TYPING) addEventListener(type, (event) => this.#keep(event), { signal, capture: true });
      window.speechSynthesis?.addEventListener("voiceschanged", () => this.#turns && crpdQaAnswer.offer(this.#turns), { signal });
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
        this.shadowRoot.append(make("p", { lang: this.#language }, NOTHING[this.#language]));
      }
    }

    disconnectedCallback() {
      crpdQaAnswer.silence();
      this.#listening.abort();
    }

    async #loadTexts() {
      const wanted = this.lang || document.documentElement.lang || navigator.language;
      const language = wanted.toLowerCase().split("-")[0];
      if (Object.hasOwn(NOTHING, language)) this.#language = language;
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

    /** Of an answer's: its headings lie below the widget's own. */
    #level(heading) {
      return `h${Number(heading[1]) + (this.#panel.querySelector(".row h2") ? 1 : 0)}`;
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
      this.#turns = make("div", { onclick: (event) => this.#press(event), onkeydown: (event) => this.#leave(event) });
      this.#turns.addEventListener("toggle", ({ target }) => this.#citations(target).forEach((citation) => {
        citation.setAttribute("aria-expanded", target.open);
      }), true);
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
      this.#widget.classList.toggle("left", this.getAttribute("corner") === "left");
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
      const [count, limit] = [[...question].length, this.#texts.widget_limit];
      if (count > limit) return this.#say(this.#text("too_long", { count, limit }));
      this.#field.value = "";
      this.#ask(question);
    }

    #startAgain() {
      crpdQaAnswer.silence();
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
      const title = make(this.#level("h2"), { class: "question", lang: this.#languageOf(question) }, question);
      const turn = make("article", {}, title, make("div"));
      this.#turns.querySelectorAll("[data-related], [data-everywhere], [data-alone], [data-feedback]").forEach((part) => part.remove());
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
      try {
        const history = this.#questions.slice(-HISTORY);
        const page = await this.#post({ question, history, scope: this.#scope, narrowing });
        if (this.#asking !== turn) return; // started again in the meantime
        this.#questions.push(question);
        this.#answers++;
        const answer = this.#rebuilt(page.querySelector("article"));
        turn.replaceWith(answer);
        crpdQaAnswer.offer(answer);
        const said = [...answer.querySelectorAll("[data-announce]")];
        const beside = answer.querySelector(".with-sources");
        if (beside && getComputedStyle(beside).display === "grid") beside.querySelector("details").open = true;
        const { lang } = said[0].querySelector(".passage") ?? said[0].closest("[lang]");
        this.#say(said.map((part) => part.innerText).join("\n"), true, lang);
      } catch ({ message }) {
        if (this.#asking !== turn) return;
        const retry = () => { if (!this.#asking) this.#field.focus(), this.#answer(turn, question, narrowing); };
        turn.lastChild.replaceChildren(make("p", {}, message), this.#button("retry", retry));
        this.#say(message, true);
      }
      this.#asking = null;
      this.#turns.removeAttribute("aria-busy");
    }

    /** The server's HTML, built anew of what answers consist of; links open beside the page. */
    #rebuilt(node) {
      if (node.nodeType === Node.TEXT_NODE) return node.data;
      const children = [...node.childNodes].map((child) => this.#rebuilt(child));
      if (!ELEMENTS.includes(node.nodeName)) return make("span", {}, ...children);
      const { opens } = node.dataset;
      const name = /^H\d$/.test(node.nodeName) ? this.#level(node.nodeName) : opens ? "button" : node.localName;
      const element = make(name, {}, ...children);
      for (const { name: attribute, value } of node.attributes) {
        if (!ATTRIBUTES.includes(attribute) && !attribute.startsWith("data-")) continue;
        element.setAttribute(attribute, value.replace(/^turn-1-/, `turn-${this.#answers}-`)); // each has its own names
      }
      if (name === "button") element.type = "button";
      if (opens) element.setAttribute("aria-expanded", "false");
      if (name !== "a" || !node.protocol.startsWith("http")) return element;
      element.href = node.href; // of the server, not of this page
      element.target = "_blank";
      element.rel = "noopener";
      element.setAttribute("aria-label", `${node.getAttribute("aria-label") ?? node.textContent} (${this.#text("new_tab")})`);
      return element;
    }

    #citations({ id }) {
      return [...this.#turns.querySelectorAll("[data-opens]")].filter(({ dataset }) => dataset.opens === id);
    }

    #press({ target }) {
      const button = target.closest("button");
      const { opens, copy, speak, helpful, ask, everywhere, alone } = button?.dataset ?? {};
      if (opens) {
        const source = this.shadowRoot.getElementById(opens);
        source.open = true;
        source.firstElementChild.focus();
        source.scrollIntoView({ block: "nearest" });
      } else if (copy) {
        this.#copy(copy, button);
      } else if (speak) {
        crpdQaAnswer.speak(button);
      } else if (helpful) {
        crpdQaAnswer.judge(button, new URL("api/v1/feedback", this.#server), REQUEST).then((told) => this.#say(told, true));
      } else if (ask && !this.#asking) {
        this.#field.focus();
        if (everywhere === undefined && alone === undefined) return this.#ask(ask);
        this.#questions.splice(alone === undefined ? -1 : 0); // it is not its own follow-up; or nobody's
        this.#answer(button.closest("article"), ask, everywhere === undefined);
      }
    }

    /** Escape closes a source, not the launcher's panel, and leads back to what it is the source of. */
    #leave(event) {
      const source = event.target.closest("details[open]");
      if (event.key !== "Escape" || !source) return;
      event.preventDefault();
      source.open = false;
      (this.#citations(source)[0] ?? source.firstElementChild).focus();
    }

    /** Announced once, politely. What the page shows anyway (`unseen`) is shown once. */
    #say(text, unseen = false, language = this.#language) {
      this.#status.className = unseen ? "unseen" : "quiet";
      this.#status.lang = language;
      this.#status.textContent = text;
    }

    /** The server's answer, parsed without running anything, by what Trusted Types allow. Throws an Error whose message
     * is for people. */
    #post(asked) {
      const request = new XMLHttpRequest();
      return new Promise((resolve, reject) => {
        const fail = (key, values) => reject(new Error(this.#text(key, values)));
        request.onerror = () => fail("offline");
        request.ontimeout = () => fail("timeout");
        request.onreadystatechange = () => {
          if (request.readyState === 2) request.responseType = request.status === 200 ? "document" : "json";
        };
        request.onload = () => {
          const { status, response } = request;
          if (status === 200 && response) return resolve(response);
          if (status === 503 && response?.detail) return reject(new Error(response.detail)); // slow, or away, or busy
          if (status !== 429) return fail({ 413: "long", 422: "long", 504: "timeout" }[status] ?? "error");
          const unit = new Intl.NumberFormat(this.#language, { style: "unit", unit: "second", unitDisplay: "long" });
          fail("too_often", { seconds: unit.format(Number(request.getResponseHeader("Retry-After")) || 10) });
        };
        request.open("POST", new URL("api/v1/ask", this.#server));
        request.timeout = TIMEOUT_MS;
        request.setRequestHeader("Accept", "text/html");
        request.setRequestHeader("Accept-Language", this.#language);
        request.setRequestHeader("Content-Type", "application/json");
        request.send(JSON.stringify(asked));
      });
    }

    async #copy(text, button) {
      try {
        await navigator.clipboard.writeText(text);
        const label = button.dataset.label ??= button.textContent;
        button.addEventListener("blur", () => { button.textContent = label; }, { once: true });
        button.textContent = button.dataset.copied;
        this.#say(button.dataset.copied, true);
      } catch { // not on a plain http page, nor in an iframe without allow="clipboard-write"
        button.parentElement.before(make("p", {}, this.#text("select")), make("p", { lang: "en" }, text));
        this.#say(this.#text("select"), true);
      }
    }
  }

  customElements.define("crpd-qa-widget", CrpdQaWidget);
})();
