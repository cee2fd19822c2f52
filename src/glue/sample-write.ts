import { sampleFolder } from "../setup/paths";
import { writeSample } from "./sample";

/** `npx tsx src/glue/sample-write.ts` writes the sample corpus anew. */
writeSample(sampleFolder);
