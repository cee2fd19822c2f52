"use strict";

/**
 * One line that tells how far a long thing is. In a terminal it is rewritten in place; elsewhere a
 * new line appears every quarter of the way. Always on stderr: stdout belongs to the command.
 * @param {string} label
 * @param {NodeJS.WriteStream | { isTTY?: boolean, write(text: string): unknown }} [stream]
 */
function progressLine(label, stream = process.stderr) {
  const started = Date.now();
  let quarter = 0;
  let last = -1;
  return {
    /**
     * @param {number} done
     * @param {number} total
     * @param {(amount: number) => string} [format]
     */
    update(done, total, format = String) {
      const percent = total > 0 ? Math.min(100, Math.floor((100 * done) / total)) : 0;
      if (percent === last) return;
      last = percent;
      const text = `  ${label} ${String(percent).padStart(3)} % (${format(done)} of ${format(total)})`;
      if (stream.isTTY) stream.write(`\r\x1b[K${text}`);
      else if (Math.floor(percent / 25) > quarter) {
        quarter = Math.floor(percent / 25);
        stream.write(`${text}\n`);
      }
    },
    /** Ends the line with what was done and the seconds it took. */
    end(text = "done") {
      const seconds = ((Date.now() - started) / 1000).toFixed(1);
      stream.write(`${stream.isTTY ? "\r\x1b[K" : ""}  ${label} ${text} (${seconds} s)\n`);
    },
  };
}

/** @param {number} bytes */
function megabytes(bytes) {
  return `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;
}

module.exports = { progressLine, megabytes };
