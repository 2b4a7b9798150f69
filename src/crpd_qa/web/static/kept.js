// What is kept of a conversation: in this tab's sessionStorage, which ends with the tab. What is read back is checked,
// and is text to be sent to the server, never markup.
(() => {
  const MOST = Number(document.currentScript.dataset.most); // so many answers are shown again
  const name = `crpd-qa ${new URL("..", location).pathname}`;

  const text = (value) => (typeof value === "string" ? value : "");
  const texts = (value) => (Array.isArray(value) && value.every((one) => typeof one === "string") ? value : []);

  const numbers = (value) => (Array.isArray(value) && value.every(Number.isFinite) ? value : []);

  const read = () => {
    let found = null;
    try {
      found = JSON.parse(sessionStorage.getItem(name));
    } catch { /* the browser allows no storage, or something else wrote there */ }
    return {
      records: texts(found?.records), // of the answers, as the server gave them
      earlier: texts(found?.earlier), // questions that are sent along with the next
      draft: text(found?.draft), // typed and not answered yet
      language: text(found?.language),
      place: numbers(found?.place), // in the window of the first turn to be seen: which it is, and its top
      where: texts(found?.where), // the values of the filter's lists in their order
    };
  };

  const kept = {
    ...read(),
    again: () => Object.assign(kept, read()),
    // With what is kept by now: something else may have written there.
    leave: (place) => {
      Object.assign(kept, read(), { place });
      kept.keep();
    },
    // Returns whether there was room.
    keep: () => {
      kept.records = kept.records.slice(-MOST);
      const { records, earlier, draft, language, where, place } = kept;
      try {
        if (records.length || draft || language || where.some(Boolean)) {
          sessionStorage.setItem(name, JSON.stringify({ records, earlier, draft, language, where, place }));
        } else {
          sessionStorage.removeItem(name);
        }
        return true;
      } catch {
        return false;
      }
    },
  };
  window.crpdQaKept = kept;
})();
