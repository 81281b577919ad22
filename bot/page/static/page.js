// Nothing here is needed: a form on its way is dimmed (a second tap does nothing twice), none leaves without a
// network, a photo is shown and made smaller before it travels, a long list is searched as one types, and what comes
// of a change is looked for.
const WIDEST = 1600;
document.documentElement.classList.add("js");

document.addEventListener("submit", (event) => {
  const offline = document.getElementById("offline");
  if (offline) offline.hidden = navigator.onLine;
  if (!offline || navigator.onLine) return event.target.classList.add("sent");
  event.preventDefault(); // the browser's error page would lose what was typed
  offline.scrollIntoView();
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form.sent")) form.classList.remove("sent");
});

if (document.querySelector("[data-waits]")) setInterval(look, 4000);

async function look() {
  if (document.hidden) return;
  try {
    const answer = await fetch("/card");
    const found = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (answer.ok && !found.querySelector("[data-waits]")) location.reload();
  } catch { /* the network is away: this screen stays */ }
}

for (const find of document.querySelectorAll(".find")) find.addEventListener("input", (event) => {
  const words = event.target.value.trim().toLowerCase().split(/\s+/);
  for (const fold of document.querySelectorAll(".options details")) fold.open = words[0] !== "";
  for (const option of document.querySelectorAll(".options [data-listed]")) {
    option.hidden = !words.every((word) => option.textContent.toLowerCase().includes(word));
  }
});

for (const picker of document.querySelectorAll("input[type=file]")) picker.addEventListener("change", () => made(picker));

async function made(picker) { // submitted meanwhile, the original would travel
  const button = picker.form.querySelector("button.main");
  button.disabled = true;
  await shrink(picker);
  button.disabled = false;
}

async function shrink(picker) {
  const [file] = picker.files;
  const preview = picker.previousElementSibling;
  preview.hidden = !file;
  if (!file) return;
  preview.src = URL.createObjectURL(file);
  if (!CSS.supports("image-orientation", "from-image")) return; // it would lose which way is up
  try {
    const image = await createImageBitmap(file);
    const scale = Math.min(1, WIDEST / Math.max(image.width, image.height));
    if (scale === 1) return;
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(image.width * scale);
    canvas.height = Math.round(image.height * scale);
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    const small = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.85));
    if (!small) return;
    const chosen = new DataTransfer();
    chosen.items.add(new File([small], "photo.jpg", { type: "image/jpeg" }));
    picker.files = chosen.files;
  } catch { /* it travels as it is: the server judges it */ }
}
