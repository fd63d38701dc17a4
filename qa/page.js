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
  // Gradio's buttons are pictures without a name, its messages are named by their HTML source, and its examples in English.
  const words = header.dataset;
  const name = (element, text) => ["aria-label", "title"].forEach((one) => set(element, one, text));
  name(document.querySelector("#aqa-question .submit-button"), words.submit);
  name(document.querySelector("#aqa-question .stop-button"), words.stop);
  // What it names, it names in the browser's language, which may be another than the page's. Its thumbs are the pictures of 12 by 12; the arrows
  // before them stand at the last answer only.
  set(document.querySelector("#aqa-log [role=log]"), "aria-label", words.chat);
  name(document.querySelector("#aqa-log .top-panel button"), words.clear);
  document.querySelectorAll("#aqa-log .message-buttons-left").forEach((row) => {
    const thumbs = [...row.querySelectorAll("button:has(svg[viewBox='0 0 12 12'])")];
    const arrows = [...row.querySelectorAll("button")].filter((button) => !thumbs.includes(button));
    [words.dislike, words.like].forEach((text, place) => name(thumbs[place], text));
    [words.retry, words.undo].forEach((text, place) => name(arrows[place], text));
  });
  document.querySelectorAll("#aqa-filters .token-remove").forEach((cross) => {
    const token = cross.closest(".token");
    name(cross, token ? `${words.remove} ${token.querySelector("span").textContent}` : words.remove);
  });
  set(document.querySelector("#aqa-drop button.upload-container"), "aria-label", words.drop);
  document.querySelectorAll("#aqa-log :is([data-testid], .example)[aria-label]").forEach((message) => message.removeAttribute("aria-label"));
  // What a full queue says comes from Gradio's own program, in English and without what became of the question.
  document.querySelectorAll("[data-testid='toast-text']").forEach((told) => {
    if (told.textContent.includes("application is currently busy")) told.textContent = words.busy;
  });
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

// An answer is read from its question on: that stands at the top of the log as soon as there is enough below it. Who scrolls meanwhile is left alone.
let shownTo = "";
new MutationObserver(() => {
  const asked = document.querySelectorAll("#aqa-log [data-testid='user']");
  const log = asked.length && asked[asked.length - 1].closest(".bubble-wrap");
  if (!log) return;
  const upTo = `${asked.length} ${log.querySelectorAll(".aqa-reply").length}`;
  if (upTo === shownTo) return;
  shownTo = upTo;
  const row = asked[asked.length - 1].closest(".message-row");
  log.scrollTop += row.getBoundingClientRect().top - log.getBoundingClientRect().top - 12;
}).observe(document, { childList: true, subtree: true });

// The fold for a comment opens below what was judged: it comes into view, with the cursor in it where that brings no keyboard up over the answer.
window.aqaComment = (tries = 30) => {
  const area = document.querySelector("#aqa-comment textarea");
  if (!area || !area.checkVisibility()) return tries && setTimeout(() => window.aqaComment(tries - 1), 100);
  if (window.matchMedia("(hover: hover)").matches) area.focus({ preventScroll: true });
  document.getElementById("aqa-commenting").scrollIntoView({ block: "nearest" });
};

// What the server wrote to copy or to save, and what is said of it: {form, text, name, said}. The clipboard of a page that is not on this machine is closed to scripts
// without https, so the old way is kept beside it.
window.aqaDeliver = async (carried) => {
  const { form, text, name, said } = JSON.parse(carried || "{}");
  if (!text) return say(said);
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
  say(said);
};
const say = (text) => {
  let line = document.getElementById("aqa-said");
  if (!line) {
    line = Object.assign(document.createElement("p"), { id: "aqa-said" });
    line.setAttribute("role", "status");
    document.getElementById("aqa-tools").append(line);
  }
  line.textContent = text || "";
  setTimeout(() => (line.textContent = ""), 4000);
};
