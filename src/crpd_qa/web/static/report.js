// The reader: searches the document, shows one article of it, marks in the contents where one reads, and copies
// paragraphs and selections with their citation. What is searched for stays in the browser.
const main = document.querySelector("main");
const status = document.querySelector("#status");
const texts = main.dataset;
const wide = matchMedia("(min-width: 62rem)");
const touched = matchMedia("(pointer: coarse)");
const contents = document.querySelector("#contents");
const parts = [...main.querySelectorAll(".part")];
const numberOf = (element) => element.closest(".paragraph").querySelector(".number");
const say = (element, text) => {
  element.textContent = "";
  setTimeout(() => { element.textContent = text; }, 50);
};

contents.open = wide.matches;

// --- One article alone

const only = main.querySelector(".only");
const chosen = document.querySelector("#article");

const show = (article) => {
  for (const part of parts) {
    const shown = !article || part.dataset.articles.split(" ").includes(article);
    if (shown) part.removeAttribute("hidden");
    else part.setAttribute("hidden", "until-found"); // a link or the browser's own search still leads into it
  }
  only.hidden = !article;
  if (chosen) chosen.value = article;
  const count = main.querySelectorAll(".part:not([hidden]) .paragraph").length;
  only.querySelector("h2").textContent = article ? only.dataset.only.replace("{number}", article).replace("{count}", count) : "";
  const address = new URL(location.href);
  address.searchParams.delete("article");
  if (article) {
    address.searchParams.set("article", article);
    address.hash = "";
  }
  history.replaceState(null, "", address);
  if (words.value) search();
};

main.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-article]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  show(link.dataset.article);
  const heading = link.dataset.article ? only.querySelector("h2") : main;
  heading.focus({ preventScroll: true });
  heading.scrollIntoView();
});
chosen?.addEventListener("change", () => {
  show(chosen.value);
  if (chosen.value) only.scrollIntoView();
});
main.addEventListener("beforematch", () => show(""));
const print_ = document.querySelector("#print");
print_.hidden = false;
print_.addEventListener("click", () => print());

// --- Search

const form = document.querySelector(".in-document");
const words = form.querySelector("#find");
const found = form.querySelector("#found");
const submit = form.querySelector("[type=submit]");
const previous = form.querySelector("#previous");
const SEARCHED = ".part :is(h2, h3, h4, h5, h6), .text:not(.missing) :is(p:not(.notes), li), td, th, caption, .footnotes li > [lang]";
const MIN_CHARS = 2;
const PAUSE_MS = 200; // in typing, after which is searched

// As web/finding.py has it: one character becomes one character, so that places in the text stay.
const alike = new Map();
const foldOne = (character) => {
  if (!alike.has(character)) {
    const plain = /\s/.test(character) ? " " : /[‐-—]/.test(character) ? "-" : /[‘’ʼ]/.test(character) ? "'" : null;
    alike.set(character, plain ?? character.normalize("NFD")[0].toLowerCase()[0]);
  }
  return alike.get(character);
};
const folded = (text) => text.replace(/[A-Z\s]|[^\0-\x7f]/g, foldOne);

let searched; // [element, its text], made once
let hits = [];
let at = -1;

const rangeOf = (element, start, end) => {
  const range = new Range();
  const nodes = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  for (let passed = 0; nodes.nextNode(); passed += nodes.currentNode.length) {
    const length = nodes.currentNode.length;
    if (start >= passed && start < passed + length) range.setStart(nodes.currentNode, start - passed);
    if (end <= passed + length) {
      range.setEnd(nodes.currentNode, end - passed);
      return range;
    }
  }
  return range;
};

const search = () => {
  const wanted = folded(words.value.trim().replace(/\s+/g, " "));
  searched ??= [...main.querySelectorAll(SEARCHED)].map((element) => [element, folded(element.textContent)]);
  hits = [];
  at = -1;
  if (wanted.length >= MIN_CHARS) {
    for (const [element, text] of searched) {
      let place = text.indexOf(wanted);
      if (place < 0 || element.closest("[hidden]")) continue;
      for (; place >= 0; place = text.indexOf(wanted, place + wanted.length)) {
        hits.push(rangeOf(element, place, place + wanted.length));
      }
    }
  }
  CSS.highlights.set("hit", new Highlight(...hits));
  CSS.highlights.delete("hit-current");
  previous.hidden = !hits.length;
  submit.textContent = hits.length ? form.dataset.next : submit.dataset.find;
  form.classList.toggle("searching", hits.length > 0);
  const nothing = wanted.length < MIN_CHARS ? "" : form.dataset.nothing;
  found.textContent = hits.length ? form.dataset.matches.replace("{count}", hits.length) : nothing;
};

// What comes near is laid out for the first time, and moves what stands below it: until the hit stays where it is.
const STILL_FRAMES = 3;
const MOST_FRAMES = 60;
let bringing;
const bring = (hit, frames = 0, still = 0, before = NaN) => {
  cancelAnimationFrame(bringing);
  bringing = requestAnimationFrame(() => {
    const { top, bottom } = hit.getBoundingClientRect();
    const seen = top >= innerHeight * 0.25 && bottom <= innerHeight * 0.9;
    if (!seen) scrollBy(0, top - innerHeight / 2);
    still = seen && top === before ? still + 1 : 0;
    if (still < STILL_FRAMES && frames < MOST_FRAMES) bring(hit, frames + 1, still, top);
  });
};

const go = (step) => {
  if (!hits.length) {
    found.textContent = words.value.trim().length < MIN_CHARS ? form.dataset.short : form.dataset.nothing;
    return;
  }
  at = at < 0 && step < 0 ? hits.length - 1 : (at + step + hits.length) % hits.length;
  const hit = hits[at];
  const current = new Highlight(hit);
  current.priority = 1;
  CSS.highlights.set("hit-current", current);
  const element = hit.startContainer.parentElement;
  element.scrollIntoView({ block: "center" });
  bring(hit);
  const where = element.closest(".paragraph") && numberOf(element).getAttribute("aria-label");
  found.textContent = [form.dataset.of.replace("{place}", at + 1).replace("{count}", hits.length), where].filter(Boolean).join(". ");
};

if (CSS.highlights) {
  submit.dataset.find = submit.textContent;
  if (!touched.matches) {
    form.querySelector("#keys").hidden = false;
    words.setAttribute("aria-describedby", "keys");
  }
  let typing;
  words.addEventListener("input", () => {
    clearTimeout(typing);
    typing = setTimeout(search, PAUSE_MS);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(typing);
    if (!hits.length || words.value !== form.dataset.searched) search();
    form.dataset.searched = words.value;
    go(1);
  });
  previous.addEventListener("click", () => go(-1));
  words.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Enter" && event.shiftKey) {
      event.preventDefault();
      go(-1);
    }
    if (event.key === "Escape" && at >= 0) {
      event.preventDefault();
      const paragraph = hits[at].startContainer.parentElement.closest(".paragraph");
      if (paragraph) numberOf(paragraph).focus({ preventScroll: true });
    }
  });
}

// --- Contents: where one reads

const links = new Map([...contents.querySelectorAll("a")].map((link) => [link.hash.slice(1), link]));
const inView = new Set();
const mark = () => {
  const part = parts.find((each) => inView.has(each) && !each.hidden);
  const heading = part && [...part.querySelectorAll("h2, h3, h4, h5, h6")].findLast((each) => links.has(each.id));
  const link = heading && links.get(heading.id);
  const before = contents.querySelector("[aria-current]");
  if (!link || link === before) return;
  before?.removeAttribute("aria-current");
  link.setAttribute("aria-current", "true");
  const box = contents.parentElement;
  if (!wide.matches || box.matches(":hover, :focus-within")) return; // it does not move under somebody's hand
  const { top, bottom } = link.getBoundingClientRect();
  const frame = box.getBoundingClientRect();
  if (top < frame.top || bottom > frame.bottom) box.scrollTop += top - frame.top - frame.height / 2;
};
const observer = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) inView[isIntersecting ? "add" : "delete"](target);
  mark();
}, { rootMargin: "-48px 0px -70% 0px" });
parts.forEach((part) => observer.observe(part));

// --- Citing

const lines = (text) =>
  [...text.querySelectorAll("p:not(.notes), li")]
    .map((line) => (line.tagName === "LI" ? "• " : "") + line.textContent)
    .join("\n");
const quotation = (wording, first, last = first) => {
  const citation = first === last ? texts.citation.replace("{number}", first)
    : texts.citations.replace("{first}", first).replace("{last}", last);
  return `“${wording.trim()}” (${citation})`;
};

const copy = async (text, button, label, otherwise) => {
  let told = texts.copied;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    told = texts.copyFailed;
    otherwise?.();
  }
  say(status, told);
  button.textContent = told;
  setTimeout(() => { button.textContent = label; }, 2500);
};

// To be pressed would take the selection away.
const keepSelection = (button) => button.addEventListener("pointerdown", (event) => event.preventDefault());

for (const paragraph of main.querySelectorAll(".paragraph")) {
  const number = numberOf(paragraph).textContent;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "cite";
  button.textContent = texts.cite;
  button.setAttribute("aria-label", texts.citeParagraph.replace("{number}", number));
  keepSelection(button);
  button.addEventListener("click", () => {
    const text = paragraph.querySelector(".text:not(.missing)"); // of two versions the first that has it
    const own = selected().find(([each]) => paragraph.contains(each));
    const wording = own ? own[1] : lines(text);
    copy(quotation(wording, number), button, texts.cite, () => { if (!own) getSelection().selectAllChildren(text); });
  });
  paragraph.append(button);
}

// What is selected of each paragraph, with that paragraph's number; the button follows it in the order of Tab.
const selected = () => {
  const selection = getSelection();
  if (selection.isCollapsed || !selection.rangeCount) return [];
  const range = selection.getRangeAt(0);
  return [...main.querySelectorAll(".part:not([hidden]) .text:not(.missing)")]
    .filter((text) => range.intersectsNode(text))
    .map((text) => {
      const own = range.cloneRange();
      if (!text.contains(own.startContainer)) own.setStart(text, 0);
      if (!text.contains(own.endContainer)) own.setEnd(text, text.childNodes.length);
      const holder = document.createElement("div");
      holder.append(own.cloneContents());
      holder.querySelectorAll(".notes").forEach((notes) => notes.remove());
      return [text, holder.querySelector("p, li") ? lines(holder) : holder.textContent];
    })
    .filter(([, wording]) => wording.trim());
};

const citer = document.createElement("button");
citer.type = "button";
citer.className = "cite-selection quiet";
citer.textContent = texts.citeSelection;
keepSelection(citer);
citer.addEventListener("click", () => {
  const cited = selected().map(([text, wording]) => quotation(wording, numberOf(text).textContent));
  if (cited.length) copy(cited.join("\n"), citer, texts.citeSelection);
});

// What the browser copies by itself is all that is selected, headings and tables too: it gets the citation as well.
main.addEventListener("copy", (event) => {
  const numbers = selected().map(([text]) => numberOf(text).textContent);
  if (!numbers.length) return;
  event.preventDefault();
  event.clipboardData.setData("text/plain", quotation(String(getSelection()), numbers[0], numbers.at(-1)));
});

let selecting;
document.addEventListener("selectionchange", () => {
  clearTimeout(selecting);
  selecting = setTimeout(() => {
    if (document.activeElement === citer) return;
    const cited = selected();
    if (!cited.length) return citer.remove();
    cited.at(-1)[0].closest(".paragraph").after(citer);
    const rects = getSelection().getRangeAt(0).getClientRects();
    // Above, not on the line that is read next, if there is room; a phone has its own menu there.
    const [first, last] = [rects[0], rects[rects.length - 1]];
    const above = first.top - citer.offsetHeight - 6;
    const [beginning, beside] = touched.matches || above < 0 ? [last.right, last.bottom + 6] : [first.left, above];
    const top = Math.min(beside, innerHeight - citer.offsetHeight - 6);
    const page = citer.offsetParent.getBoundingClientRect();
    const number = numberOf(cited[0][0]).getBoundingClientRect(); // on narrow pages it stands above the text
    const clear = number.bottom > top && number.top < top + citer.offsetHeight ? number.right + 8 : 0;
    const left = Math.min(Math.max(beginning, clear), page.right - citer.offsetWidth - 4);
    citer.style.left = `${Math.max(left, page.left) - page.left}px`;
    citer.style.top = `${top - page.top}px`;
  }, 150);
});
