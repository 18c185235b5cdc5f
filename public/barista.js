// The script of the barista's tablet.
import { load } from "./loader.js";
import { postForms } from "./posting.js";

load(postForms);
