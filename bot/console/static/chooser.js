// The two dates are only there when they are chosen.
"use strict";
const days = document.getElementById("days");
const show = () => document.querySelectorAll(".chooser .date").forEach((part) => { part.hidden = days.value !== "dates"; });
days.addEventListener("change", show);
show();
