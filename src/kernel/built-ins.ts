import { AsyncLocalStorage } from "node:async_hooks";
import { EventEmitter } from "node:events";
import { MessagePort, Worker } from "node:worker_threads";

// Cells may replace what the language and Node are made of, and the kernel, with the compiler in it, is made of the
// same. So cells run with what they made of the built-ins, and the kernel works with the true ones. What follows calls
// nothing else: any method may have been replaced.
const { apply, defineProperty, deleteProperty, getOwnPropertyDescriptor, getPrototypeOf } = Reflect;
const { ownKeys, setPrototypeOf } = Reflect;
const { is } = Object;
const startSoon = queueMicrotask;
const True = { Promise, apply: Function.prototype.apply };
const { then } = Promise.prototype;

type Key = string | symbol;
type Descriptor = PropertyDescriptor | null;

/** A member as it was when the kernel started, and what cells put in its place; `null`: none. */
interface Member {
  readonly object: object;
  readonly key: Key;
  readonly own: Descriptor;
  /** Undefined: it is as it was. */
  theirs: Descriptor | undefined;
}

/** An object whose prototype may be exchanged. */
interface Heir {
  readonly object: object;
  readonly own: object | null;
  theirs: object | null | undefined;
}

/** What cells gave to every object: it would be found in each descriptor, and in each value of a promise. */
interface Addition {
  readonly key: Key;
  readonly theirs: Descriptor;
  readonly next: Addition | undefined;
}

const members: Member[] = [];
const heirs: Heir[] = [];
const everyObject = Object.prototype;
const everyArray = Array.prototype;
const ofEveryObject = ownKeys(everyObject);
let additions: Addition | undefined;
let held = true;

/** Modules of Node whose functions the kernel and the compiler call. */
const modules = [
  ...["fs", "path", "vm", "module", "util", "crypto", "os", "url", "timers", "timers/promises"],
  ...["events", "async_hooks", "worker_threads", "perf_hooks", "buffer", "v8"],
];

/** Notes the built-ins as they are now: called once, before the kernel puts anything of its own into the global scope. */
export function noteBuiltIns(): void {
  const seen = new Set<unknown>();
  const note = (value: unknown): void => {
    if ((typeof value !== "object" && typeof value !== "function") || value === null) return;
    if (seen.has(value)) return;
    seen.add(value);
    for (const key of ownKeys(value)) noteMember(value, key);
    heirs.push({ object: value, own: getPrototypeOf(value), theirs: undefined });
    if (typeof value === "function") note(value.prototype);
    note(getPrototypeOf(value));
  };
  keepApply();
  freezeAsNoted();
  // Their setters would hide what cells put in their place.
  for (const [name, value] of Object.entries({ process, Buffer }))
    defineProperty(globalThis, name, { value, writable: true, configurable: true });
  noteMember(Error, "prepareStackTrace");
  for (const key of ownKeys(globalThis)) note(getOwnPropertyDescriptor(globalThis, key)?.value);
  for (const value of [process, Buffer, performance]) note(value);
  for (const made of [AsyncLocalStorage, EventEmitter, Worker, MessagePort]) note(made);
  for (const name of modules) note(require(`node:${name}`));
  const iterators = [[].values(), new Map().keys(), new Set().keys(), "".matchAll(/x/g)];
  for (const iterator of [...iterators, ""[Symbol.iterator]()]) note(getPrototypeOf(iterator));
  for (const written of [async () => {}, function* () {}, async function* () {}])
    note(getPrototypeOf(written));
}

/** Node itself calls `apply` of its own functions, which no one else can put back in time. */
function keepApply(): void {
  const of = Function.prototype;
  defineProperty(of, "apply", {
    get: () => True.apply,
    set(this: object, value: unknown) {
      if (this === of)
        throw new TypeError("Function.prototype.apply cannot be replaced: Node itself calls it.");
      const member = { value, writable: true, enumerable: true, configurable: true };
      defineProperty(this, "apply", bare(member));
    },
    configurable: false,
  });
}

/** What is frozen cannot be put back later, so it is frozen as the kernel needs it. */
function freezeAsNoted(): void {
  for (const name of ["freeze", "seal"] as const) {
    const make: <T>(object: T) => T = Object[name];
    const value = <T>(object: T): T => {
      for (let i = 0; i < members.length; i++) {
        const member = members[i]!;
        if (member.object === object) put(member.object, member.key, member.own);
      }
      return make(object);
    };
    defineProperty(value, "name", { value: name });
    defineProperty(Object, name, { value, writable: true, configurable: true });
  }
}

function noteMember(object: object, key: Key): void {
  // Its listeners and the like.
  if (object === process && typeof key === "string" && key.startsWith("_")) return;
  const own = getOwnPropertyDescriptor(object, key);
  if (own === undefined || own.configurable || own.writable)
    members.push({ object, key, own: own ? bare(own) : null, theirs: undefined });
}

/** Puts the true built-ins in place. */
export function holdBuiltIns(): void {
  held = true;
  takeAdditions();
  for (let i = 0; i < heirs.length; i++) {
    const heir = heirs[i]!;
    const now = getPrototypeOf(heir.object);
    if (now === heir.own) continue;
    heir.theirs = now;
    setPrototypeOf(heir.object, heir.own);
  }
  for (let i = 0; i < members.length; i++) {
    const member = members[i]!;
    const now = getOwnPropertyDescriptor(member.object, member.key);
    if (isSame(now, member.own)) continue;
    member.theirs = now === undefined ? null : bare(now);
    put(member.object, member.key, member.own);
  }
}

/** Gives cells what they made of the built-ins. */
export function lendBuiltIns(): void {
  for (let i = 0; i < members.length; i++) {
    const member = members[i]!;
    if (member.theirs === undefined) continue;
    put(member.object, member.key, member.theirs);
    member.theirs = undefined;
  }
  for (let i = 0; i < heirs.length; i++) {
    const heir = heirs[i]!;
    if (heir.theirs === undefined) continue;
    setPrototypeOf(heir.object, heir.theirs);
    heir.theirs = undefined;
  }
  for (let each = additions; each !== undefined; each = each.next)
    put(everyObject, each.key, each.theirs);
  additions = undefined;
  held = false;
}

/** Does the kernel's own work while a cell runs. */
export function withTrueBuiltIns<T>(body: () => T): T {
  if (held) return body();
  holdBuiltIns();
  try {
    return body();
  } finally {
    lendBuiltIns();
  }
}

/** Runs a cell's code with its built-ins; what comes of it is taken with the true ones. */
export function withLentBuiltIns<T>(
  body: (...given: unknown[]) => Promise<T>,
  given: readonly unknown[],
): Promise<T> {
  return new True.Promise<T>((resolve, reject) => {
    // Not before the kernel waits: to wait asks for members of promises too.
    startSoon(() => {
      lendBuiltIns();
      const running = apply(body, undefined, given);
      const taken = <V>(take: (value: V) => void) => {
        return (value: V) => {
          holdBuiltIns();
          take(value);
        };
      };
      withTrueBuiltIns(() => apply(then, running, [taken(resolve), taken(reject)]));
    });
  });
}

/** Waits for what comes next, while timers and promises of cells go on with the cells' built-ins. */
export async function whileLent<T>(coming: Promise<T>): Promise<T> {
  startSoon(lendBuiltIns);
  const come = await coming;
  holdBuiltIns();
  return come;
}

/** An object with the members of its class as its own, so that they stay when the class is changed. */
export function selfContained<T extends object>(object: T): T {
  let from = getPrototypeOf(object);
  for (; from !== null && from !== everyObject; from = getPrototypeOf(from))
    for (const key of ownKeys(from))
      if (!getOwnPropertyDescriptor(object, key))
        defineProperty(object, key, getOwnPropertyDescriptor(from, key)!);
  return object;
}

/** Node's own arrays would find them where they have a hole, so cells do not get them back. */
function dropIndexes(object: object): void {
  const keys = ownKeys(object);
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i]!;
    if (typeof key === "symbol" || !(key[0]! >= "0" && key[0]! <= "9")) return;
    deleteProperty(object, key);
  }
}

function takeAdditions(): void {
  dropIndexes(everyObject);
  dropIndexes(everyArray);
  const keys = ownKeys(everyObject);
  if (keys.length === ofEveryObject.length) return;
  next: for (let i = 0; i < keys.length; i++) {
    const key = keys[i]!;
    for (let j = 0; j < ofEveryObject.length; j++) if (key === ofEveryObject[j]) continue next;
    const theirs = bare(getOwnPropertyDescriptor(everyObject, key)!);
    if (deleteProperty(everyObject, key)) additions = { key, theirs, next: additions };
  }
}

function put(object: object, key: Key, descriptor: Descriptor): void {
  if (descriptor === null) deleteProperty(object, key);
  else defineProperty(object, key, descriptor);
}

function isSame(now: PropertyDescriptor | undefined, own: Descriptor): boolean {
  if (now === undefined || own === null) return now === undefined && own === null;
  return is(now.value, own.value) && now.get === own.get && now.set === own.set;
}

/** Without what all objects have. */
function bare(descriptor: PropertyDescriptor): PropertyDescriptor {
  return { __proto__: null, ...descriptor } as PropertyDescriptor;
}
