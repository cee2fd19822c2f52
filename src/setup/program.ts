import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { explain } from "./failure.cjs";

export interface ProgramOptions {
  /** The program as the user would name it, for the error. */
  what: string;
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  onLine?: (line: string) => void;
}

/**
 * Runs a program to its end and gives what it printed. Throws a SetupError that names the cause when
 * the program fails or cannot be started.
 */
export function runProgram(
  command: string,
  args: readonly string[],
  { what, env = process.env, cwd, onLine }: ProgramOptions,
): Promise<string> {
  const child = spawn(command, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on("line", (line) => {
      // pip's progress would push everything else out of an error's last lines.
      if (!line.startsWith("Progress ")) lines.push(line);
      onLine?.(line);
    });
  return new Promise((done, fail) => {
    child.on("error", (error) => fail(explain(what, String(error))));
    child.on("close", (code, signal) => {
      const output = lines.join("\n");
      if (code === 0) done(output);
      else fail(explain(what, signal ? `${output}\nended by ${signal}` : output));
    });
  });
}
