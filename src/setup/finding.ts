/** What the doctor found out about one thing. */
export interface Finding {
  readonly name: string;
  /** `missing`: something that is needed does not work. `warn`: it works, less well than it could. */
  readonly state: "ok" | "warn" | "missing";
  readonly found: string;
  /** What the user can do; none where all is well. */
  readonly remedy?: string;
}

export function ok(name: string, found: string): Finding {
  return { name, state: "ok", found };
}

export function warn(name: string, found: string, remedy: string): Finding {
  return { name, state: "warn", found, remedy };
}

export function missing(name: string, found: string, remedy: string): Finding {
  return { name, state: "missing", found, remedy };
}
