const everyMs = 500;

/**
 * Calls `gone` when the process that started the kernel has ended, if that process asked for it by
 * `JPY_PARENT_PID`: a kernel without its server would stay forever.
 */
export function watchParent(gone: () => void): void {
  const asked = process.env.JPY_PARENT_PID;
  if (!asked) return;
  const first = process.ppid;
  // It may have ended before this line; adopted by process 1, unless that is the parent.
  const orphan = first === 1 && asked !== "1";
  const timer = setInterval(() => {
    if (process.ppid === first && !orphan) return;
    clearInterval(timer);
    gone();
  }, everyMs);
}
