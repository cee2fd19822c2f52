import { ops, tf } from "../engine";
import type { BlockSite } from "../models";
import { adapterName, adapterParameters, bottleneck } from "./bottleneck";
import type { Method } from "./method";

const places: readonly BlockSite[] = ["attention.output", "output"];

/** Standard normal, drawn anew beyond two deviations, as TensorFlow's truncated normal. */
function truncatedNormal(random: { normal(): number }): number {
  for (;;) {
    const draw = random.normal();
    if (Math.abs(draw) <= 2) return draw;
  }
}

/**
 * Adapters (Houlsby et al. 2019, arXiv 1902.00751, section 2.1): a bottleneck with a residual after both sub-layers of
 * every layer, before the sub-layer's own residual and layer norm,
 *
 *     h <- h + W_up GELU(W_down h + b_down) + b_up.
 *
 * Layer norms train as well. Weights start from a truncated normal of deviation 1e-3 (the authors' code), so the start
 * is the base model nearly, not exactly: on MiniLM-L6 logits differ by up to 5e-6.
 *
 * Trained numbers within the encoder: 2 L (2 m d + m + d), and 4 L d + 2 d of the layer norms.
 *
 * @param settings.bottleneck m; default 64, the paper's fixed size.
 */
export function houlsby({ bottleneck: size = 64 }: { bottleneck?: number } = {}): Method {
  return {
    name: "houlsby",
    settings: { bottleneck: size },
    learningRate: 1e-3,
    trains: (name) => name.includes("LayerNorm"),
    adds: (config) =>
      Array.from({ length: config.layers }, (_, layer) =>
        places.flatMap((site) =>
          adapterParameters(
            adapterName(layer, site),
            config,
            size,
            (r) => 1e-3 * truncatedNormal(r),
          ),
        ),
      ).flat(),
    sites: {
      block(site, hidden, residual, norm, { layer, parameters }) {
        const adapted = bottleneck(hidden, adapterName(layer, site), parameters, ops.gelu);
        return norm(tf.add(hidden, adapted), residual);
      },
    },
  };
}
