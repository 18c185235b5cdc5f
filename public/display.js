// The script of the TV.
import { load } from "./loader.js";

load();
