// Copies what stands in a field, such as the link of an invitation.
import { copying } from "../desk/copy.js";

copying(document);
