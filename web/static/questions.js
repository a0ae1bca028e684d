// The list of questions, shortened while one types. Without this script the same form asks the server.
const form = document.querySelector("form.find-question");
const field = form?.querySelector("input");
const entries = [...document.querySelectorAll(".group li")].map((item) => ({
  item,
  words: `${item.querySelector("a").textContent} ${item.dataset.words}`.toLowerCase(),
}));

function show() {
  const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
  let found = 0;
  for (const { item, words: text } of entries) {
    item.hidden = !words.every((word) => text.includes(word));
    found += item.hidden ? 0 : 1;
  }
  for (const group of document.querySelectorAll(".group")) {
    const left = group.querySelectorAll("li:not([hidden])").length;
    group.hidden = left === 0;
    group.querySelector("h2 .n").textContent = left;
  }
  const status = document.querySelector("#found");
  status.textContent = words.length ? `${found} ${found === 1 ? "question" : "questions"} with “${field.value.trim()}”` : "";
  document.querySelector("#nothing").hidden = found > 0;
  document.querySelector("#search-instead").href = `/search?${new URLSearchParams({ q: field.value.trim() })}`;
}

if (field && entries.length) {
  field.addEventListener("input", show);
  form.querySelector("select").addEventListener("change", () => form.requestSubmit());
}
