import { tf } from "./tensorflow";

/** How many tensors are held. Constant over training steps; back at the start once everything made since is disposed. */
export function liveTensors(): number {
  return tf.memory().numTensors;
}

/** Runs `body` and frees every tensor that it made and did not keep; its result holds none. */
export function scoped<Result>(body: () => Result): Result {
  let result: Result | undefined;
  // Not the result of tidy itself, which searches it for tensors, value by value.
  tf.tidy(() => {
    result = body();
  });
  return result as Result;
}
