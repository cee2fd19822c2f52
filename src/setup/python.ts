import { execFileSync } from "node:child_process";
import { SetupError } from "./failure.cjs";

export interface Python {
  /** The interpreter itself, behind any shim or link on the path. */
  readonly executable: string;
  readonly version: readonly [major: number, minor: number, micro: number];
  /** Whether it can put pip into an environment by itself; Debian's plain python3 cannot. */
  readonly ensurepip: boolean;
}

const oldest = [3, 10] as const;
const names = ["python3", "python", ...[14, 13, 12, 11, 10].map((minor) => `python3.${minor}`)];

const question = `
import json, sys
from importlib.util import find_spec
def has(name):
    # A folder that a removed package left behind is found too, but is no module.
    spec = find_spec(name)
    return spec is not None and spec.origin is not None
venv = has("venv") and has("ssl")
print(json.dumps([sys.executable, list(sys.version_info[:3]), has("ensurepip"), venv]))
`;

/** What the program answers; undefined where it is no Python that works. */
function ask(name: string, env: NodeJS.ProcessEnv): (Python & { venv: boolean }) | undefined {
  try {
    const answer = execFileSync(name, ["-I", "-c", question], {
      env,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    const [executable, version, ensurepip, venv] = JSON.parse(answer);
    return { executable, version, ensurepip, venv };
  } catch {
    return undefined;
  }
}

/** The first Python on the path that is new enough. Throws a SetupError that says what is there. */
export function findPython(env: NodeJS.ProcessEnv = process.env): Python {
  const found: string[] = [];
  for (const name of names) {
    const answer = ask(name, env);
    if (!answer) continue;
    const [major, minor] = answer.version;
    const enough = major === oldest[0] && minor >= oldest[1];
    if (enough && answer.venv) return answer;
    const lack = enough ? " without its standard modules (venv, ssl)" : "";
    found.push(`${name} is ${answer.version.join(".")}${lack}`);
  }
  throw new SetupError(
    found.length > 0
      ? `Python ${oldest.join(".")} or newer is needed, but ${found.join(", ")}.`
      : `Python ${oldest.join(".")} or newer is needed, and no python3 was found.`,
    process.platform === "darwin"
      ? "Install it (brew install python, or python.org), then start again."
      : "Install it (Debian and Ubuntu: apt install python3; Fedora: dnf install python3), then start again.",
  );
}
