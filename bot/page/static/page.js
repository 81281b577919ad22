// Nothing here is needed: it only dims the buttons of a form that is on its way. A second tap does nothing twice.
document.addEventListener("submit", (event) => event.target.classList.add("sent"));
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form.sent")) form.classList.remove("sent");
});
