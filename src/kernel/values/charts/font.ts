import { readFileSync } from "node:fs";
import { type Font, parse } from "opentype.js";

/**
 * Arimo has the widths of Arial, Helvetica and Liberation Sans, one of which nearly every machine has: a picture
 * laid out with it fits wherever it is looked at.
 */
export const fontFamily = "Arimo, Arial, Helvetica, 'Liberation Sans', sans-serif";

export type FontWeight = "regular" | "bold";

/** For a renderer without fonts of its own. */
export const fontFiles: Readonly<Record<FontWeight, string>> = {
  regular: require.resolve("@expo-google-fonts/arimo/400Regular/Arimo_400Regular.ttf"),
  bold: require.resolve("@expo-google-fonts/arimo/700Bold/Arimo_700Bold.ttf"),
};

const loaded: Partial<Record<FontWeight, Font>> = {};

function font(weight: FontWeight): Font {
  loaded[weight] ??= parse(new Uint8Array(readFileSync(fontFiles[weight])).buffer);
  return loaded[weight];
}

/** Width of a line of text in pixels. A letter that the font lacks counts as wide as the font size. */
export function textWidth(text: string, size: number, weight: FontWeight = "regular"): number {
  const face = font(weight);
  let units = 0;
  for (const letter of text) {
    const glyph = face.charToGlyph(letter);
    units += glyph.index === 0 ? face.unitsPerEm : (glyph.advanceWidth ?? face.unitsPerEm);
  }
  return (units / face.unitsPerEm) * size;
}

/** How far letters may reach above and below their base line, in pixels; the same for every text. */
export function lineExtent(size: number): { readonly above: number; readonly below: number } {
  const { ascender, descender, unitsPerEm } = font("regular");
  return { above: (ascender / unitsPerEm) * size, below: (-descender / unitsPerEm) * size };
}
