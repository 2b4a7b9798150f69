// Opens the contents on a wide screen, and gives each paragraph a button that copies it with its citation.
const main = document.querySelector("main");
const status = document.querySelector("#status");
const texts = main.dataset;

if (matchMedia("(min-width: 62rem)").matches) document.querySelector("#contents").open = true;

const quoted = (paragraph) => paragraph.querySelector(".text:not(.missing)"); // of two versions the first that has it
const wording = (paragraph) =>
  [...quoted(paragraph).querySelectorAll("p:not(.notes), li")]
    .map((line) => (line.tagName === "LI" ? "• " : "") + line.textContent)
    .join("\n");

const cite = async (button, number, paragraph) => {
  let told = texts.copied;
  try {
    await navigator.clipboard.writeText(`“${wording(paragraph)}” (${texts.citation.replace("{number}", number)})`);
  } catch {
    told = texts.copyFailed;
    getSelection().selectAllChildren(quoted(paragraph));
  }
  status.textContent = "";
  setTimeout(() => { status.textContent = told; }, 50);
  button.textContent = told;
  setTimeout(() => { button.textContent = texts.cite; }, 2500);
};

for (const paragraph of main.querySelectorAll(".paragraph")) {
  const number = paragraph.querySelector(".number").textContent;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "cite";
  button.textContent = texts.cite;
  button.setAttribute("aria-label", texts.citeParagraph.replace("{number}", number));
  button.addEventListener("click", () => cite(button, number, paragraph));
  paragraph.append(button);
}
