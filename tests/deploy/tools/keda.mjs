// Reads Kubernetes objects as a JSON array from standard input and holds those of KEDA against the
// models that are published for them in the `node_modules` named as the first argument. Prints a
// line for each; exits with 1 when one does not fit.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const model = `${process.argv[2]}/@kubernetes-models/keda/keda.sh/v1alpha1/index.js`;
const models = await import(pathToFileURL(model).href);
for (const object of JSON.parse(readFileSync(0, "utf8"))) {
  if (object.apiVersion !== "keda.sh/v1alpha1") continue;
  try {
    new models[object.kind](object).validate();
    console.log(`${object.kind} ${object.metadata.name} fits`);
  } catch (error) {
    console.log(`${object.kind} ${object.metadata.name}: ${error.message}`);
    process.exitCode = 1;
  }
}
