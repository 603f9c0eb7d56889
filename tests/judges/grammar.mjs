// The parser Salesforce publishes for its own editors: what does it say of a statement?
import { createRequire } from "node:module";

import { serve } from "./console.mjs";

const require = createRequire(import.meta.url);
const { SOQLParser } = require("@salesforce/soql-common/lib/soql-parser");
const parser = SOQLParser({ isApex: false, isMultiCurrencyEnabled: true, apiVersion: 60.0 });

// null when it is accepted. Characters outside the language are only said on the console: they are complaints too.
function complaint(statement) {
  const said = [];
  const speak = console.error;
  console.error = (text) => said.push(text);
  try {
    const result = parser.parseQuery(statement);
    said.push(...result.getParserErrors().map((error) => error.getMessage()));
  } catch (error) {
    said.push(error.message);
  } finally {
    console.error = speak;
  }
  return said[0] ?? null;
}

await serve({ complaints: (statements) => statements.map(complaint) });
