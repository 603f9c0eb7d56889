// Evaluates what a test asks for, one JSON object a line, and prints what came of it, one JSON object a line.
// `tools` are the names an expression may use beside those it is given.
import { createInterface } from "node:readline";

const AsyncFunction = (async () => {}).constructor;

export async function serve(tools) {
  for (const level of ["debug", "info", "log", "warn"]) console[level] = console.error; // stdout is for answers
  for await (const line of createInterface({ input: process.stdin })) {
    process.stdout.write(JSON.stringify(await answer(tools, JSON.parse(line)), plain) + "\n");
  }
  process.stdout.write("", () => process.exit());
}

async function answer(tools, { expression, given }) {
  const scope = { ...tools, ...given };
  try {
    const evaluate = new AsyncFunction(...Object.keys(scope), `return ${expression}`);
    return { value: (await evaluate(...Object.values(scope))) ?? null };
  } catch (error) {
    return { error: { code: String(error.errorCode ?? error.name), message: error.message, stack: error.stack } };
  }
}

function plain(_, value) {
  return typeof value === "bigint" ? Number(value) : value;
}
