// The script of the barista's tablet.
import { load } from "./loader.js";

load();
