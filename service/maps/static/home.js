// The home page: a question goes to the map page through the tab's own storage, so that it stays out of addresses.

const form = document.getElementById("search");
form.addEventListener("submit", (event) => {
  event.preventDefault();
  const question = document.getElementById("query").value.trim();
  if (question) sessionStorage.setItem("gridmap.question", question);
  location.assign(form.action);
});
