// What one does with an answer in the chat and in the widget: hears it, says whether it helped.
const crpdQaAnswer = (() => {
  // Reading aloud is the browser's own. Its voices come when they come, and where a language has none it is not offered.
  // Voices that are no service of the machine's own send the text to their makers.
  const speech = window.speechSynthesis;
  const said = (button) => JSON.parse(button.dataset.speak);
  const voice = (language) => speech.getVoices()
    .find(({ lang, localService }) => localService && lang.toLowerCase().split(/[-_]/)[0] === language);
  let reader = null; // the button of what is being read

  const offer = (root) => {
    if (!speech) return;
    root.querySelectorAll("[data-speak]").forEach((button) => {
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

  // Thanks take the place, and the focus, of what was pressed. Returns what else is to be announced: that it failed.
  const judge = async (button, address, options) => {
    const judged = button.closest("[data-feedback]");
    const given = { helpful: button.dataset.helpful === "true", remark: judged.querySelector("input").value };
    const sent = await fetch(address, {
      ...options,
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ ...JSON.parse(judged.dataset.feedback), ...given }),
    }).catch(() => null);
    if (!sent?.ok) return judged.dataset.failed;
    const thanks = document.createElement("p");
    thanks.textContent = judged.dataset.thanks;
    thanks.tabIndex = -1;
    judged.replaceChildren(thanks);
    thanks.focus();
    return "";
  };

  addEventListener("pagehide", silence); // it would go on on the next page
  return { offer, speak, silence, judge };
})();
