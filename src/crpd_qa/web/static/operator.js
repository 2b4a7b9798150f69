// Shows how far the work is without loading the page anew. Without JavaScript the page does that itself.
"use strict";

const EVERY_MS = 1500;

async function look() {
  const work = document.getElementById("work");
  if (!work.hasAttribute("data-busy")) return;
  try {
    const response = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (!response.ok) return;
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const now = page.getElementById("work");
    if (!now) return;
    // Focus on a link that stays is kept.
    if (now.innerHTML !== work.innerHTML && !work.contains(document.activeElement)) work.replaceChildren(...now.childNodes);
    if (!now.hasAttribute("data-busy")) {
      work.removeAttribute("data-busy");
      const status = document.getElementById("status");
      status.textContent = status.dataset.done;
      document.getElementById("again")?.remove();
      return;
    }
  } catch {
    // The server may be starting anew: look again.
  }
  setTimeout(look, EVERY_MS);
}

setTimeout(look, EVERY_MS);
