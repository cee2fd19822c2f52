import { crc32, deflateSync } from "node:zlib";

/** Pixels in rows from the top, four bytes each: red, green, blue, opacity. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array | Uint8ClampedArray;
}

/**
 * A PNG of few colours, at most 256, a third as large as one of all: charts have few, and many shades at the edges of
 * letters. Laid on white.
 */
export function encodePng({ width, height, pixels }: Pixels): Buffer {
  const colours = palette(pixels);
  const near = new Map<number, number>();
  const rows = Buffer.alloc((width + 1) * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const colour = colourAt(pixels, 4 * (y * width + x));
      let index = near.get(colour);
      if (index === undefined) {
        index = nearest(colours, colour);
        near.set(colour, index);
      }
      rows[y * (width + 1) + 1 + x] = index;
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  // Eight bits a pixel, which say its place in the palette.
  header.set([8, 3, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk("IHDR", header),
    chunk("PLTE", Buffer.from(colours.flatMap(parts))),
    chunk("IDAT", deflateSync(rows, { level: 9, memLevel: 9 })),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

/** A colour as one number. */
function colourAt(pixels: Uint8Array | Uint8ClampedArray, at: number): number {
  // The renderer's colours are multiplied with their opacity.
  const white = 255 - pixels[at + 3]!;
  const [red, green, blue] = [pixels[at]!, pixels[at + 1]!, pixels[at + 2]!];
  return ((red + white) << 16) | ((green + white) << 8) | (blue + white);
}

function parts(colour: number): [red: number, green: number, blue: number] {
  return [colour >> 16, (colour >> 8) & 255, colour & 255];
}

/** Colours that one byte can tell apart. */
const most = 256;

/** The commonest colours; of those that differ little, one. */
function palette(pixels: Uint8Array | Uint8ClampedArray): number[] {
  const counts = new Map<number, number>();
  for (let at = 0; at < pixels.length; at += 4) {
    const colour = colourAt(pixels, at);
    counts.set(colour, (counts.get(colour) ?? 0) + 1);
  }
  const common = [...counts].sort(([, a], [, b]) => b - a).map(([colour]) => colour);
  if (common.length <= most) return common;
  const kinds = new Map<number, number>();
  for (const colour of common) {
    const kind = colour & 0xf8f8f8;
    if (!kinds.has(kind)) kinds.set(kind, colour);
  }
  return [...kinds.values()].slice(0, most);
}

function nearest(colours: readonly number[], wanted: number): number {
  const [red, green, blue] = parts(wanted);
  let best = 0;
  let least = Number.POSITIVE_INFINITY;
  colours.forEach((colour, index) => {
    const [r, g, b] = parts(colour);
    const distance = (r - red) ** 2 + (g - green) ** 2 + (b - blue) ** 2;
    if (distance < least) [best, least] = [index, distance];
  });
  return best;
}

function chunk(type: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, check]);
}
