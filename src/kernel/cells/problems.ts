import { codeFrame } from "../errors/code-frame";
import type { Failure } from "../errors/failure";
import type { TypeScriptError } from "./cells";

/** Problems that are shown in full; further ones are counted. */
const most = 10;

/** What the compiler refused, as Jupyter shows an error: each problem above the line it is in. */
export function compileFailure(error: TypeScriptError): Failure {
  const { problems, code } = error;
  const parts = problems.slice(0, most).map(({ start, message, code: number }) => {
    const before = code.slice(0, start).split("\n");
    const place = { line: before.length, column: before.at(-1)!.length + 1 };
    return `TS${number}: ${message}\n${codeFrame(code, place).join("\n")}`;
  });
  if (problems.length > most) parts.push(`and ${problems.length - most} more`);
  const [first] = problems;
  return {
    ename: error.name,
    evalue: `${first!.message} (TS${first!.code})`,
    traceback: parts,
  };
}
