import { encodePng } from "./png";

/** What plotly asks of a canvas to draw a heatmap: rectangles, and pixels put as they are. */
interface Context {
  fillStyle: string;
  createImageData(width: number, height: number): { readonly data: Uint8ClampedArray };
  putImageData(image: { readonly data: Uint8ClampedArray }): void;
  fillRect(left: number, top: number, width: number, height: number): void;
}

interface Canvas {
  width: number;
  height: number;
}

const drawn = new WeakMap<Canvas, Uint8ClampedArray>();

/** The canvas's methods that jsdom lacks, for its prototype. There is no WebGL. */
export const canvasMethods = {
  getContext(this: Canvas, kind: string): Context | null {
    return kind === "2d" ? contextOf(this) : null;
  },
  toDataURL(this: Canvas): string {
    const { width, height } = this;
    const png = encodePng({ width, height, pixels: pixelsOf(this) });
    return `data:image/png;base64,${png.toString("base64")}`;
  },
};

function pixelsOf(canvas: Canvas): Uint8ClampedArray {
  const pixels = drawn.get(canvas) ?? new Uint8ClampedArray(4 * canvas.width * canvas.height);
  drawn.set(canvas, pixels);
  return pixels;
}

function contextOf(canvas: Canvas): Context {
  return {
    fillStyle: "rgba(0,0,0,1)",
    createImageData: (width, height) => ({ data: new Uint8ClampedArray(4 * width * height) }),
    putImageData: ({ data }) => pixelsOf(canvas).set(data),
    fillRect(left, top, width, height) {
      const [red = 0, green = 0, blue = 0, opacity = 1] = (
        this.fillStyle.match(/[\d.]+/g) ?? []
      ).map(Number);
      const pixels = pixelsOf(canvas);
      for (let y = Math.max(0, top); y < Math.min(top + height, canvas.height); y++)
        for (let x = Math.max(0, left); x < Math.min(left + width, canvas.width); x++)
          pixels.set([red, green, blue, 255 * opacity], 4 * (y * canvas.width + x));
    },
  };
}
