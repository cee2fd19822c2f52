// Cells may replace the global; the kernel keeps the true one.
const True = { Promise };

/** One that takes waits for one that puts, in order. No methods of Array: cells may replace them. */
export class Waiting<T> {
  #items = new Map<number, T>();
  #first = 0;
  #last = 0;
  #taker: ((item: T) => void) | undefined;

  put(item: T): void {
    const taker = this.#taker;
    this.#taker = undefined;
    if (taker) taker(item);
    else this.#items.set(this.#last++, item);
  }

  take(): Promise<T> {
    return new True.Promise((resolve) => {
      if (this.#first === this.#last) {
        this.#taker = resolve;
        return;
      }
      const item = this.#items.get(this.#first)!;
      this.#items.delete(this.#first++);
      resolve(item);
    });
  }
}
