import { replacements } from "./patches";
import type { Random } from "./random";

/** Code that nests, repeats or names so much that compilers give up. */
export function large(random: Random): string {
  const many = random.pick([100, 1_000, 5_000, 20_000]);
  const name = random.pick(["a", "é", "$", "_"]).repeat(many);
  return random.pick([
    `${"(".repeat(many)}1${")".repeat(many)}`,
    `${"[".repeat(many)}${"]".repeat(many)}`,
    `${"{".repeat(many)}${"}".repeat(many)}`,
    `${"!".repeat(many)}1`,
    `${"1+".repeat(many)}1`,
    `${"()=>".repeat(many)}1`,
    `${"`${".repeat(many)}1${"}`".repeat(many)}`,
    `${"if(1)".repeat(many)}1`,
    `${"a?.b".padEnd(many, ".c")}`,
    `${"x".padEnd(many, "(x)")}`,
    `let t: ${"Array<".repeat(many)}1${">".repeat(many)}`,
    `type R<T> = { a: R<R<T>> }; let r!: R<1>; r.a.a.a`,
    `type U = ${Array.from({ length: many }, (_, i) => `"${i}"`).join("|")}; const u: U = "x"`,
    `type N<T extends any[] = []> = T["length"] extends ${many} ? T : N<[...T, 1]>; let n!: N; n`,
    `const ${name} = 1; ${name}`,
    `const o = { ${name}: 1 }; o.${name}`,
    `/*${"x".repeat(many * 100)}*/ 1`,
    `"${"x".repeat(many * 100)}"`,
    `//${"\n".repeat(many)}1`,
    `${"var v = 1;\n".repeat(many)}v`,
    `${"(".repeat(many)}`,
    `${"/*".repeat(many)}`,
    `${"`${".repeat(many)}`,
    `switch (1) {${"case 1:".repeat(many)}}`,
    `const [${"[".repeat(many)}x${"]".repeat(many)}] = null as any`,
  ]);
}

const kernelNames = ["__k", "__own", "__load", "__load0", "__cell1", "__value", "__import"];
const awkwardNames = [
  ...["_", "display", "input", "interrupt", "html", "require", "module", "exports", "__dirname"],
  ...[
    "Promise",
    "Object",
    "Symbol",
    "Array",
    "process",
    "globalThis",
    "console",
    "undefined",
    "NaN",
  ],
  ...["then", "constructor", "__proto__", "toString", "valueOf", "prototype", "hasOwnProperty"],
  ...["get", "set", "value", "default", "async", "of", "type", "await", "yield", "let", "static"],
  ...["eval", "arguments", "name", "length", "self", "window", "document", "export", "\\u0061b"],
];

/** Names that the kernel, or the language, has a use for. */
export function renames(random: Random): string {
  const name = random.pick([...kernelNames, ...awkwardNames]);
  const other = random.pick([...kernelNames, ...awkwardNames]);
  return random.pick([
    `const ${name} = 1; for (let i = 0; i < 2; i++); ${name}`,
    `let ${name}: any = {}; await ${name}`,
    `var ${name} = () => { throw 1 }`,
    `function ${name}() {} ${name}`,
    `class ${name} { static ${other} = 1 } ${name}`,
    `export const ${name} = 1, ${other} = 2`,
    `const { ${other}: ${name} = 3 } = {} as any; ${name}`,
    `import ${name} from "node:fs"; ${name}`,
    `import * as ${name} from "node:path"; ({ ${name} })`,
    `import { ${other} as ${name} } from "node:os"`,
    `enum ${name} { ${other} } ${name}`,
    `namespace ${name} { export const ${other} = 1 } ${name}`,
    `(globalThis as any)["${name}"] = ${random.pick(replacements)}`,
    `delete (globalThis as any)["${name}"]`,
    `export default ${name}`,
    `export { ${name} as ${other} }`,
    `type ${name} = 1; interface ${other} { ${name}: ${other} }`,
    `${name}: for (;;) break ${name}`,
    `const f = (${name}: any, ...${other}: any[]) => ${name}; f(1)`,
    `using ${name} = { [Symbol.dispose]() { throw 1 } } as any`,
  ]);
}

/** Code that is wrong, or means something else elsewhere. */
export const oddSyntax = [
  "\0",
  "1 \0 + 1",
  "\ufeff1",
  "'\ud800'",
  "const \ud800 = 1",
  "\u2028\u2029 1",
  "#!shebang\n1",
  "<!-- comment\n1",
  "return 5",
  "throw",
  "break",
  "await",
  "yield 1",
  "super()",
  "new.target",
  "import.meta.url",
  "import('nothing')",
  "await import('./missing')",
  "import './tsconfig.json'",
  "import x from './missing.json' with { type: 'json' }",
  "export * from 'node:fs'",
  "export {}",
  "with ({}) {}",
  "debugger",
  "@dec class A {}",
  "let a; let a",
  "}; console.log(1); {",
  "})(); (function () {",
  "/** @module ../../../escape */ export const x = 1",
  "/** @module a/b */ export const x: number = 'y'",
  "/** @module loop */ for (;;) { break }",
  "/** @module thrower */ throw new Error('module')",
  "/** @module selfish */ import { y } from './selfish'; export const y = 1",
  "/** @module jsx\n@jsx */ export const x = <a/>",
  "import * as t from './thrower'; t",
  "import { x } from './a/b'; x",
  "//# sourceMappingURL=data:application/json,{}",
  "//# sourceURL=node:internal",
  "1 as any as never as unknown satisfies never",
  "declare const gone: number; gone",
  "abstract class A { abstract b(): void } new (A as any)().b()",
  "x?",
  "console.log?",
  "?",
  "%time 1",
  "!ls",
];
