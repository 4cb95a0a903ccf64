for (const button of document.querySelectorAll(".reveal")) {
  const field = document.getElementById(button.getAttribute("aria-controls"));
  const show = (shown) => {
    field.type = shown ? "text" : "password";
    button.textContent = shown ? button.dataset.hide : button.dataset.show;
    button.setAttribute("aria-label", shown ? button.dataset.hideLabel : button.dataset.showLabel);
  };
  show(false);
  button.hidden = false;
  button.addEventListener("click", () => { show(field.type === "password"); field.focus(); });
  field.form.addEventListener("submit", () => show(false));
}
for (const note of document.querySelectorAll(".caps")) {
  const field = document.getElementById(note.dataset.of);
  const tell = (event) => { note.hidden = !event.getModifierState?.("CapsLock"); };
  field.addEventListener("keydown", tell);
  field.addEventListener("keyup", tell);
  field.addEventListener("blur", () => { note.hidden = true; });
}
for (const count of document.querySelectorAll(".count")) {
  const field = document.getElementById(count.dataset.of);
  const tell = () => {
    const length = [...field.value.normalize("NFC")].length;
    count.textContent = `${length}/${field.minLength}`;
    count.classList.toggle("enough", length >= field.minLength);
  };
  tell();
  count.hidden = false;
  field.addEventListener("input", tell);
}
for (const form of document.querySelectorAll("form[data-bits]")) {
  const { bits, issuer, time } = form.dataset;
  const value = (name) => form.elements[name]?.value ?? "";
  const hash = (text) => crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  let works = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (works) return;
    works = true;
    const text = [issuer, time, value("username"), value("email"), ""].join("\n");
    for (let from = 0, done = -1; done < 0; from += 512) {
      const hashes = await Promise.all(Array.from({ length: 512 }, (_, at) => hash(text + (from + at))));
      done = hashes.findIndex((hash) => new DataView(hash).getUint32(0) < 2 ** (32 - bits));
      form.elements.work.value = `${time}.${from + done}`;
    }
    HTMLFormElement.prototype.submit.call(form); // `form.submit` is the button
  });
  addEventListener("pageshow", () => { works = false; });
}
for (const form of document.forms) {
  let sent = null;
  const free = () => { sent?.removeAttribute("aria-busy"); sent = null; };
  form.addEventListener("submit", (event) => {
    if (sent) return event.preventDefault();
    sent = event.submitter ?? form.querySelector("[type=submit]");
    sent.setAttribute("aria-busy", "true");
    setTimeout(free, 10000);
  });
  addEventListener("pageshow", free);
}
