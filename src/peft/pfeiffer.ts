import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { tf } from "../engine";
import { adapterName, adapterParameters, bottleneck } from "./bottleneck";
import type { Method } from "./method";

const relu = (x: Tensor) => tf.maximum(x, 0);

/**
 * Pfeiffer's adapters (Pfeiffer et al. 2020, MAD-X, arXiv 2005.00052, section 4.1): one bottleneck a layer, after the
 * feed-forward sub-layer, which reads the layer's normalised state; h the feed-forward output, r the residual,
 *
 *     x = LN(h + r),   out = LN(h + W_up ReLU(W_down x + b_down) + b_up + r),
 *
 * with the same frozen layer norm twice. Weights start from N(0, 0.02), biases from 0, so the start is the base model
 * nearly, not exactly: on MiniLM-L6 logits differ by up to 3e-3.
 *
 * Trained numbers within the encoder: L (2 m d + m + d), m = d / reduction.
 *
 * @param settings.reduction d / m; default 16.
 */
export function pfeiffer({ reduction = 16 }: { reduction?: number } = {}): Method {
  return {
    name: "pfeiffer",
    settings: { reduction },
    learningRate: 1e-3,
    trains: () => false,
    adds(config) {
      const size = config.hiddenSize / reduction;
      if (!Number.isInteger(size))
        throw new Error(
          `pfeiffer: the reduction ${reduction} does not divide the hidden size ${config.hiddenSize}`,
        );
      return Array.from({ length: config.layers }, (_, layer) =>
        adapterParameters(adapterName(layer, "output"), config, size, (r) => 0.02 * r.normal()),
      ).flat();
    },
    sites: {
      block(site, hidden, residual, norm, { layer, parameters }) {
        const x = norm(hidden, residual);
        if (site !== "output") return x;
        return norm(
          tf.add(hidden, bottleneck(x, adapterName(layer, site), parameters, relu)),
          residual,
        );
      },
    },
  };
}
