/** Rounds of a seeded campaign: few in `npm test`, many in `npm run test:long`. */
export function rounds(few: number, many: number): number {
  return process.env.PEFTLAB_LONG ? many : few;
}
