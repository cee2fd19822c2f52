/** A notebook that cannot be run, or did not run to its end. What is wrong in a cell has been printed by then. */
export class NotebookError extends Error {
  override name = "NotebookError";
  /**
   * @param remedy what to do next
   * @param exitCode of the command; 130 after an interrupt
   */
  constructor(
    message: string,
    readonly remedy: string,
    readonly exitCode = 1,
  ) {
    super(message);
  }
}
