// The script of the guest's pages. Scripts are files because the content security policy allows no inline script.
import { load } from "./loader.js";
import { postForms } from "./posting.js";
import "./phone.js";

// Refusals and forms without live updates have no view.
if (document.documentElement.dataset.view) load(postForms);
