// What is pressed and chosen before the program has come. `early.rs` calls `early` when the page answers.
{
  const chosen = new Map();
  let pressed;
  const answers = () => document.documentElement.hasAttribute("data-ready");
  const isBox = (field) => field.matches("[type=checkbox], [type=radio]");
  addEventListener("click", ({ target }) => {
    const button = target.closest("button");
    // a form is sent by the browser itself
    if (button && !(button.type === "submit" && button.form) && !answers()) pressed = button;
  }, true);
  addEventListener("change", ({ target }) => {
    if (!target.matches("select, [type=checkbox], [type=radio], [type=file]") || answers()) return;
    if (!isBox(target)) chosen.set(target, target.value);
    // ticked and unticked again
    else if (target.checked === target.defaultChecked) chosen.delete(target);
    else chosen.set(target, target.checked);
  }, true);
  window.early = () => {
    for (const [field, value] of chosen) {
      if (!field.isConnected) continue;
      if (isBox(field)) {
        // a click that ends as it was chosen, whatever the page has set it to meanwhile
        field.checked = !value;
        field.click();
      } else {
        if (field.type !== "file") field.value = value;
        field.dispatchEvent(new Event("change", { bubbles: true }));
      }
    }
    chosen.clear();
    if (pressed?.isConnected) pressed.click();
    pressed = undefined;
  };
}
