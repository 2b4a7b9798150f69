// The chat's menu of languages closes as menus do: with Escape, with a click beside it, and when the focus leaves it.
// Other pages need no script, and have none for this.
(() => {
  const menu = () => document.querySelector(".languages[open]");
  const leave = (event) => {
    if (menu() && !menu().contains(event.target)) menu().open = false;
  };
  addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu()) return;
    menu().querySelector("summary").focus();
    menu().open = false;
  });
  addEventListener("click", leave);
  addEventListener("focusin", leave);
})();
