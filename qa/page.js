// A marker in the chat leads to its quote in the sources: folds open, the card takes the focus and a frame. The link's own jump would leave a folded
// source folded.
document.addEventListener("click", (event) => {
  const link = event.target.closest ? event.target.closest('a[href^="#aqa-"]') : null;
  const mark = link && document.getElementById(link.getAttribute("href").slice(1));
  if (!mark) return;
  event.preventDefault();
  for (let fold = mark.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
  const card = mark.closest(".aqa-card");
  document.querySelectorAll(".aqa-shown").forEach((shown) => shown.classList.remove("aqa-shown"));
  [card, mark].forEach((shown) => shown.classList.add("aqa-shown"));
  card.focus({ preventScroll: true });
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  mark.scrollIntoView({ behavior: calm ? "auto" : "smooth", block: "center" });
});

new MutationObserver(() => {
  const header = document.querySelector(".aqa-header");
  if (!header) return;
  const set = (element, name, value) => element && element.getAttribute(name) !== value && element.setAttribute(name, value);
  // Screen readers pronounce by the document's language: it follows the switch at the top.
  set(document.documentElement, "lang", header.dataset.language);
  // A textbox whose day the browser's own calendar gives, in the reader's format; its value is the ISO date all the same.
  document.querySelectorAll(".aqa-day input, .aqa-day textarea").forEach((day) => set(day, "type", "date"));
  // Gradio's buttons are pictures without a name, and its messages are named by their HTML source.
  set(document.querySelector("#aqa-question .submit-button"), "aria-label", header.dataset.submit);
  set(document.querySelector("#aqa-question .stop-button"), "aria-label", header.dataset.stop);
  document.querySelectorAll("#aqa-log [data-testid][aria-label]").forEach((message) => message.removeAttribute("aria-label"));
}).observe(document, { childList: true, subtree: true, attributeFilter: ["aria-label"] });

// The first sign that a question was taken waits for no server; it goes when the log has more to say. And who asked by keyboard finds the cursor
// where it was, which a box that is closed for a while loses; on a phone that would bring the keyboard up over the answer.
const asking = { echoed: false, closed: false };
const sign = (text) => {
  const line = document.getElementById("aqa-sign");
  if (line && line.textContent !== text) line.textContent = text;
};
const asked = (event) => {
  const box = event.target.closest && event.target.closest("#aqa-question");
  const sent = event.type === "click" ? box && event.target.closest(".submit-button") : event.key === "Enter" && !event.shiftKey && !event.isComposing;
  const area = box && box.querySelector("textarea");
  if (!sent || !area || area.disabled || !area.value.trim()) return;
  Object.assign(asking, { echoed: false, closed: false });
  sign(document.querySelector(".aqa-header").dataset.searching);
  setTimeout(() => asking.echoed || asking.closed || sign(""), 20000); // nobody took it
};
document.addEventListener("keydown", asked, true);
document.addEventListener("click", asked, true);
new MutationObserver(() => {
  const area = document.querySelector("#aqa-question textarea");
  const log = document.querySelectorAll("#aqa-log [data-testid='user'], #aqa-log [data-testid='bot']");
  if (!area) return;
  const last = log.length ? log[log.length - 1].dataset.testid : "";
  if (last === "user") asking.echoed = true;
  if (asking.closed && !area.disabled) {
    sign("");
    if (document.activeElement === document.body && window.matchMedia("(hover: hover)").matches) area.focus({ preventScroll: true });
  } else if (asking.echoed && last === "bot") sign("");
  asking.closed = area.disabled;
}).observe(document, { childList: true, subtree: true, attributeFilter: ["disabled"] });

// What the server wrote to copy or to save: {form, text, name, copied}. The clipboard of a page that is not on this machine is closed to scripts
// without https, so the old way is kept beside it.
window.aqaDeliver = async (carried) => {
  const { form, text, name, copied } = JSON.parse(carried || "{}");
  if (!text) return;
  if (form !== "copy") {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: form === "html" ? "text/html" : "text/markdown" }));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    return;
  }
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = Object.assign(document.createElement("textarea"), { value: text });
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  let said = document.getElementById("aqa-said");
  if (!said) {
    said = Object.assign(document.createElement("p"), { id: "aqa-said" });
    said.setAttribute("role", "status");
    document.getElementById("aqa-tools").append(said);
  }
  said.textContent = copied;
  setTimeout(() => (said.textContent = ""), 4000);
};
