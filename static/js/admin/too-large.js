// Says that files are too large before they are sent: the server refuses such a form unread.
document.addEventListener("submit", (event) => {
  const inputs = [...event.target.querySelectorAll("input[data-most]")].filter((input) => input.files.length);
  for (const said of event.target.querySelectorAll("[data-said]")) said.remove();
  const size = (input) => input.files[0].size;
  if (!inputs.length || inputs.reduce((sum, input) => sum + size(input), 0) <= inputs[0].dataset.most) return;
  event.preventDefault();
  const [largest] = inputs.sort((one, other) => size(other) - size(one));
  const said = document.createElement("p");
  said.className = "errorlist";
  said.dataset.said = "";
  said.setAttribute("role", "alert");
  said.textContent = largest.dataset.tooLarge;
  largest.closest(".form-row").prepend(said);
  largest.focus();
});
